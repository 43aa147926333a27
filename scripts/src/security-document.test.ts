import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from './root.ts';

const document = readFileSync(join(root, 'docs', 'security.md'), 'utf8');

/** Every test that docs/security.md names, as a link to its file and its title. */
const named = [...document.matchAll(/\]\(\.\.\/([^)]+\.test\.tsx?)\):? “([^”]+)”/g)].map(
  ([, file = '', title = '']) => ({ file, title }),
);

it('names at least one test for each attack', () => {
  const table = document.slice(document.indexOf('## Attacks'), document.indexOf('## Limits'));
  const rows = table
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| attack') && !line.startsWith('| ---'));
  expect(rows.length).toBeGreaterThan(25);
  expect(rows.filter((row) => !/\.test\.tsx?\):? “/.test(row))).toEqual([]);
});

it.each(named)('$file has “$title”', ({ file, title }) => {
  expect(existsSync(join(root, file))).toBe(true);
  expect(readFileSync(join(root, file), 'utf8')).toContain(title);
});
