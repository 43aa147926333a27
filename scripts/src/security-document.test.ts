import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './root.ts';

const document = readFileSync(join(root, 'docs', 'security.md'), 'utf8');

/** Every test that docs/security.md names, as a link to its file and its title. */
const named = [...document.matchAll(/\]\(\.\.\/([^)]+\.(?:test|fuzz)\.tsx?)\):? “([^”]+)”/g)].map(
  ([, file = '', title = '']) => ({ file, title }),
);

it('names at least one test for each attack', () => {
  const table = document.slice(document.indexOf('## Attacks'), document.indexOf('## What is read of peers'));
  const rows = table
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| attack') && !line.startsWith('| ---'));
  expect(rows.length).toBeGreaterThan(25);
  expect(rows.filter((row) => !/\.test\.tsx?\):? “/.test(row))).toEqual([]);
});

describe('the table of what is read of peers', () => {
  const table = document.slice(document.indexOf('## What is read of peers'), document.indexOf('## Limits'));
  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  const sources = '{apps,packages}/*/src/**/*.ts';

  /** Files that parse what is no peer's: an operator's, a service's own, or what somebody types into their own command. */
  const notOfPeers = [
    /^packages\/(?:by-hand|fuzz|service|aauth-cli)\//,
    /^apps\/(?:person-portal|supply-chain-ui)\//,
    /\/(?:db|development|testing)\//,
    /\/keys\/rotate-command\.ts$/,
    /^apps\/agent-provider\/src\/events\/person-server-events\.ts$/,
    /^apps\/inventory-mcp\/src\/sessions\/running-requests\.ts$/,
    /^packages\/aauth\/src\/node\/key-files\.ts$/,
    /^apps\/resource-proxy\/src\/workers\/shared-metrics\.ts$/,
  ];

  it('has every file that parses', () => {
    const parses = /JSON\.parse\(|[sS]afeParse\(|parseDictionary\(|BinaryReader|\.json\(\)|new TextDecoder|from 'yaml'/;
    const files = globSync(sources, { cwd: root, exclude: ['**/*.test.ts', '**/*.fuzz.ts'] });
    expect(files.length).toBeGreaterThan(500);
    const missing = files.filter(
      (file) =>
        parses.test(read(file)) && !table.includes(`](../${file})`) && !notOfPeers.some((other) => other.test(file)),
    );
    expect(missing).toEqual([]);
  });

  it('names only files that are there', () => {
    const links = [...table.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, file = '']) => file);
    expect(links.length).toBeGreaterThan(80);
    expect(links.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it('has every target of the explorations', () => {
    const files = globSync('{apps,packages}/*/{src,test}/**/*.fuzz.ts', { cwd: root });
    const targets = files.flatMap((file) =>
      [...(read(file).split('export const targets')[1] ?? '').matchAll(/^ {2}(?:'([^']+)'|(\w+)): \{/gm)].map(
        ([, quoted, plain]) => `${file}) “${quoted ?? plain}”`,
      ),
    );
    expect(targets.length).toBeGreaterThan(50);
    expect(targets.filter((target) => !table.includes(target))).toEqual([]);
  });
});

it.each(named)('$file has “$title”', ({ file, title }) => {
  expect(existsSync(join(root, file))).toBe(true);
  expect(readFileSync(join(root, file), 'utf8')).toContain(title);
});
