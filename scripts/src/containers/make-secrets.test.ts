import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thumbprintUri } from '@aauth-stack/aauth/keys';
import { loadSigningKey } from '@aauth-stack/aauth/node';
import { beforeAll, expect, it } from 'vitest';
import { readApprovals } from './approvals.ts';

const volumes = mkdtempSync(join(tmpdir(), 'aauth-volumes-'));
const makeSecrets = () =>
  execFileSync(process.execPath, [join(import.meta.dirname, 'make-secrets.ts')], {
    env: { ...process.env, AAUTH_DATA_DIR: join(volumes, 'own') },
  });
const contents = () =>
  Object.fromEntries(
    globSync('**/*', { cwd: volumes, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((file) => [file.slice(volumes.length + 1), readFileSync(file, 'utf8')]),
  );

beforeAll(() => {
  makeSecrets();
  return () => rmSync(volumes, { recursive: true });
});

it('gives each service what it needs, and no other', () => {
  const files = Object.keys(contents());
  const filesOf = (volume: string) => files.filter((file) => file.startsWith(`${volume}/`)).sort();
  expect(filesOf('backend')).toEqual(['backend/database-url', 'backend/flow-secret', 'backend/stable-key.pem']);
  expect(filesOf('supply-chain-agent')).toEqual([
    'supply-chain-agent/flow-secret',
    'supply-chain-agent/proxy-secret',
    'supply-chain-agent/stable-key.pem',
  ]);
  expect(filesOf('person-server')).toEqual([
    'person-server/database-url',
    'person-server/flow-secret',
    'person-server/operator-token',
  ]);
  expect(filesOf('resource-proxy')).toEqual(
    expect.arrayContaining(['resource-proxy/maa-resource-key.pem', 'resource-proxy/proxy-secret']),
  );
  expect(filesOf('approval')).toEqual(['approval/approvals.json']);
});

it('writes the password of each database owner into the URL of its service alone', () => {
  const all = contents();
  const password = all['postgres/owners/backend'];
  expect(all['backend/database-url']).toBe(`postgres://backend:${password}@postgres:5432/backend`);
  const holders = Object.entries(all).filter(([, text]) => text.includes(String(password)));
  expect(holders.map(([file]) => file).sort()).toEqual(['backend/database-url', 'postgres/owners/backend']);
});

it('lets nobody but the owner read a file', () => {
  for (const file of Object.keys(contents()))
    expect([file, statSync(join(volumes, file)).mode & 0o077]).toEqual([file, 0]);
});

it('tells whoever approves the thumbprints of the agents, and no key', async () => {
  const { thumbprints, agents } = readApprovals(join(volumes, 'approval'));
  const { thumbprint } = await loadSigningKey(join(volumes, 'backend', 'stable-key.pem'));
  expect(thumbprints).toContain(thumbprintUri(thumbprint));
  expect(agents).toContain('http://backend:8000');
});

it('changes nothing when it runs again', () => {
  const before = contents();
  makeSecrets();
  expect(contents()).toEqual(before);
});
