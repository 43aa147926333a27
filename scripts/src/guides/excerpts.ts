import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.ts';

/** A file of the checkout, as a guide shows it. */
export function fileText(...path: readonly string[]): string {
  return readFileSync(join(root, ...path), 'utf8').trimEnd();
}

/**
 * A part of a file of `infra`, under the file's name, as far to the left as it goes.
 *
 * @throws Error when the file has no such part
 */
export function excerpt(file: string, part: RegExp): string {
  return `# ${file}\n${unindented(partOf(fileText(file), part, file))}`;
}

/** @throws Error when the text has no such part; `where` is for the message */
export function partOf(text: string, part: RegExp, where: string): string {
  const [whole, group] = part.exec(text) ?? [];
  const found = group ?? whole;
  if (!found) throw new Error(`${where} has no part that a guide shows: ${part}.`);
  return found;
}

export function unindented(text: string): string {
  const indent = /^ */.exec(text)?.[0].length ?? 0;
  const lines = text.trimEnd().split('\n');
  return lines.map((line) => line.slice(indent)).join('\n');
}
