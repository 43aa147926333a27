import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const packageFolder = join(import.meta.dirname, '..', '..');
const elsewhere = mkdtempSync(join(tmpdir(), 'aauth-tarball-'));

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

beforeAll(() => {
  run('pnpm', ['pack', '--pack-destination', elsewhere], packageFolder);
  const tarball = readdirSync(elsewhere).find((file) => file.endsWith('.tgz'));
  if (!tarball) throw new Error('pnpm pack made no tarball.');
  writeFileSync(join(elsewhere, 'package.json'), JSON.stringify({ name: 'elsewhere', private: true, type: 'module' }));
  run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', `./${tarball}`], elsewhere);
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
    const installed = join(elsewhere, 'node_modules', '@aauth-stack', 'aauth');
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
