import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const packageFolder = join(import.meta.dirname, '..', '..');
const elsewhere = mkdtempSync(join(tmpdir(), 'aauth-tarball-'));
const modules = join(elsewhere, 'node_modules');
const installed = join(modules, '@aauth-stack', 'aauth');

const program = `
import { nodeKeys } from '@aauth-stack/aauth/node';
import { hwkScheme, hwkSignatureKey, signMessage, verifyMessage } from '@aauth-stack/aauth/signatures';

const key = nodeKeys.signingKey(nodeKeys.generate('Ed25519'));
const headers = new Headers();
const message = { method: 'GET', authority: 'example.com', path: '/', query: '', headers };
const signature = await signMessage(message, { key, signatureKey: hwkSignatureKey(key.publicJwk), created: 1000 });
for (const [name, value] of Object.entries(signature)) headers.set(name, value);
const now = () => 1000;
const verified = await verifyMessage(message, { schemes: { hwk: hwkScheme({ keys: nodeKeys }) }, now });
console.log(verified.jkt === key.thumbprint ? 'verified' : 'another key');
`;

// Unpacked where npm would put it, its dependencies beside it: those of this checkout, so that no registry is asked.
beforeAll(() => {
  run('pnpm', ['pack', '--pack-destination', elsewhere], packageFolder);
  const tarball = readdirSync(elsewhere).find((file) => file.endsWith('.tgz'));
  if (!tarball) throw new Error('pnpm pack made no tarball.');
  mkdirSync(installed, { recursive: true });
  run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'], elsewhere);
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    symlinkSync(realpathSync(join(packageFolder, 'node_modules', name)), join(modules, name));
  }
});

afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

function run(command: string, words: string[], cwd: string): string {
  return execFileSync(command, words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('the packed library', () => {
  it('is installed elsewhere, and signs and verifies there', () => {
    writeFileSync(join(elsewhere, 'program.mjs'), program);
    expect(run(process.execPath, ['program.mjs'], elsewhere)).toBe('verified\n');
  });

  it('offers every subpath as JavaScript with types, and brings no tests', () => {
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => /\.test\.|(?<!\.d)\.ts$/.test(file))).toEqual([]);
    const listing = `
      const { exports } = (await import('@aauth-stack/aauth/package.json', { with: { type: 'json' } })).default;
      for (const subpath of Object.keys(exports)) if (subpath !== './package.json') await import('@aauth-stack/aauth' + subpath.slice(1));
      console.log(Object.keys(exports).length);
    `;
    writeFileSync(join(elsewhere, 'listing.mjs'), listing);
    expect(Number(run(process.execPath, ['listing.mjs'], elsewhere))).toBeGreaterThan(10);
  });
});
