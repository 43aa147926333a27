import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const cliFolder = join(import.meta.dirname, '..', '..');
const libraryFolder = join(cliFolder, '..', 'aauth');
const elsewhere = mkdtempSync(join(tmpdir(), 'aauth-cli-tarball-'));
const modules = join(elsewhere, 'node_modules');

// Unpacked where npm would put them, their dependencies beside them: those of this checkout, so that no registry is asked.
beforeAll(() => {
  for (const folder of [libraryFolder, cliFolder]) install(folder);
});

afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

function install(folder: string): void {
  const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const packed = join(elsewhere, `packed-${name.split('/')[1]}`);
  mkdirSync(packed);
  run('pnpm', ['pack', '--pack-destination', packed], folder);
  const [tarball = ''] = readdirSync(packed);
  const installed = join(modules, name);
  mkdirSync(installed, { recursive: true });
  run('tar', ['-xzf', join(packed, tarball), '-C', installed, '--strip-components=1'], elsewhere);
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  for (const dependency of Object.keys(dependencies)) {
    if (dependency.startsWith('@aauth-stack/')) continue;
    mkdirSync(dirname(join(modules, dependency)), { recursive: true });
    rmSync(join(modules, dependency), { force: true });
    symlinkSync(realpathSync(join(folder, 'node_modules', dependency)), join(modules, dependency));
  }
}

function run(command: string, words: string[], cwd: string, env = process.env): string {
  return execFileSync(command, words, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('the packed command', () => {
  const installed = join(modules, '@aauth-stack', 'aauth-cli');

  it('is installed elsewhere, and runs there with the packed library', () => {
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    const bin = join(installed, manifest.bin.aauth);
    expect(readFileSync(bin, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    const env = { PATH: process.env.PATH, HOME: elsewhere };
    expect(run(process.execPath, [bin, '--version'], elsewhere, env)).toBe(`${manifest.version}\n`);
    expect(run(process.execPath, [bin, 'fetch', '--help'], elsewhere, env)).toContain('aauth fetch URL');
    expect(run(process.execPath, [bin, 'profiles', '--json'], elsewhere, env)).toBe('[]\n');
  });

  it('brings JavaScript and nothing else', () => {
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => /\.test\.|\.ts$/.test(file))).toEqual([]);
    expect(files).toContain(join('dist', 'cli.js'));
  });
});
