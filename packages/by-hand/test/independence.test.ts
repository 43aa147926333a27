import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const allowed = ['@hellocoop/httpsig', 'jose'];

test('nothing here comes from the code that is tested with it', async () => {
  const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  expect(Object.keys(manifest.dependencies)).toEqual(['@hellocoop/httpsig', 'jose']);
  expect(manifest.devDependencies).toBeUndefined();

  const folder = new URL('../src/', import.meta.url);
  const files = await readdir(folder);
  expect(files).toContain('tokens.ts');
  for (const file of files) {
    const source = await readFile(new URL(file, folder), 'utf8');
    const specifiers = [...source.matchAll(/\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map(([, name = '']) => name);
    const foreign = specifiers.filter(
      (name) => !(allowed.includes(name) || name.startsWith('node:') || /^\.\/[\w-]+\.ts$/.test(name)),
    );
    expect({ file, foreign }).toEqual({ file, foreign: [] });
  }
});
