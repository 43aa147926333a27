import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where the texts are kept that explorations of a target have found, beside the file of the target. */
function fileOf(targetsFile: string, name: string): string {
  return join(dirname(targetsFile), 'corpus', `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.json`);
}

export function loadCorpus(targetsFile: string, name: string): string[] {
  const file = fileOf(targetsFile, name);
  if (!existsSync(file)) return [];
  const texts: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string')) {
    throw new TypeError(`${file} is no list of texts.`);
  }
  return texts;
}

export function saveCorpus(targetsFile: string, name: string, texts: readonly string[]): void {
  const file = fileOf(targetsFile, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(texts, null, 2)}\n`);
}
