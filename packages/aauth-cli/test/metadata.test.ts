import { type Party, startParty } from '@aauth-stack/by-hand';
import { afterAll, describe, expect, it } from 'vitest';
import { createUser } from './support/run.ts';

const user = createUser();
const parties: Party[] = [];

afterAll(async () => {
  for (const party of parties) await party.close();
  user.remove();
});

async function start(dwk: string, metadata: Record<string, unknown> = {}): Promise<Party> {
  const party = await startParty({ dwk, kid: 'k1', metadata: () => ({ name: 'Tested', ...metadata }) });
  parties.push(party);
  return party;
}

async function lint(party: Party, ...words: string[]) {
  const { code, json } = await user.run(['metadata', '--json', party.issuer, ...words]);
  const [role] = Array.isArray(json.roles) ? json.roles : [];
  const found: { check: string; result: string; detail: string; hint?: string }[] = role?.checks ?? [];
  const faults = found.filter(({ result }) => result === 'fail').map(({ check }) => check);
  const warnings = found.filter(({ result }) => result === 'warn').map(({ check }) => check);
  return { code, json, faults, warnings, found };
}

describe('aauth metadata', () => {
  it('shows what a server publishes in each role, and finds it good', async () => {
    const party = await start('aauth-agent.json');
    const report = await lint(party);
    expect(report).toMatchObject({ code: 0, faults: [], json: { valid: true, server: party.issuer } });
    expect(report.found).toContainEqual(
      expect.objectContaining({
        check: 'key k1',
        result: 'pass',
        detail: expect.stringContaining(party.key.thumbprint),
      }),
    );
    const { stdout } = await user.run(['metadata', `${party.issuer}/.well-known/aauth-agent.json`]);
    expect(stdout).toContain(`agent provider  ${party.issuer}/.well-known/aauth-agent.json`);
  });

  it.each([
    ['issuer', { issuer: undefined }, /issuer_missing/],
    ['issuer', { issuer: 'http://127.0.0.1:1' }, /issuer_mismatch/],
    ['jwks_uri', { jwks_uri: undefined }, /missing/],
    ['jwks_uri', { jwks_uri: 'http://localhost:1/jwks.json' }, /another host/],
    ['jwks_uri', { jwks_uri: 'http://keys.example/' }, /must use https/],
    ['auth_token_endpoint', { auth_token_endpoint: undefined }, /missing/],
    ['person_token_endpoint', { person_token_endpoint: 'http://127.0.0.1:1/?a' }, /query/],
    ['accept_signature_algs', { accept_signature_algs: ['ES256'] }, /no Ed25519/],
    ['accept_signature_algs', { accept_signature_algs: 'Ed25519' }, /not a list/],
  ])('finds the fault in %s of %j, with code 6', async (check, change, detail) => {
    const party = await start('aauth-person.json', { auth_token_endpoint: '', person_token_endpoint: '' });
    party.metadata.auth_token_endpoint = `${party.issuer}/auth-token`;
    party.metadata.person_token_endpoint = `${party.issuer}/person-token`;
    expect(await lint(party)).toMatchObject({ code: 0, faults: [] });
    party.metadata = { ...party.metadata, ...change };
    const report = await lint(party);
    expect(report).toMatchObject({ code: 6, faults: [check] });
    expect(report.found).toContainEqual(expect.objectContaining({ check, detail: expect.stringMatching(detail) }));
  });

  it('knows what a resource needs to ask for more', async () => {
    const complete = { access_mode: 'auth-token', scope_descriptions: { read: 'Read' } };
    const party = await start('aauth-resource.json', complete);
    const revocation_endpoint = `${party.issuer}/revoke`;
    party.metadata = { ...party.metadata, revocation_endpoint };
    expect(await lint(party)).toMatchObject({ code: 0, faults: [], warnings: ['cache-control'] });
    party.metadata = {
      ...party.metadata,
      revocation_endpoint: undefined,
      scope_descriptions: undefined,
      jwks_uri: undefined,
    };
    const report = await lint(party);
    expect(report.faults).toEqual(['jwks_uri']);
    expect(report.warnings).toEqual(['revocation_endpoint', 'scope_descriptions', 'cache-control']);
    party.metadata = { issuer: party.issuer, access_mode: 'vip', additional_signature_components: ['@Query'] };
    expect(await lint(party)).toMatchObject({ code: 6, faults: ['additional_signature_components'] });
  });

  it('shouts when a private key is published, and says which keys verify nothing', async () => {
    const party = await start('aauth-agent.json');
    party.keys = [
      party.key.privateJwk,
      { ...party.key.published, kid: 'old', alg: 'EdDSA' },
      { ...party.key.published, kid: '' },
    ];
    const report = await lint(party);
    expect(report).toMatchObject({ code: 6, faults: ['key 1', 'key 3'], warnings: ['cache-control', 'key old'] });
    expect(JSON.stringify(report.json)).not.toContain(party.key.privateJwk.d);
    expect(JSON.stringify(report.found)).toContain('PRIVATE part');
  });

  it('says that there is nothing, or nobody', async () => {
    const party = await start('aauth-agent.json');
    expect(await user.run(['metadata', '--role', 'person', party.issuer, '--json'])).toMatchObject({ code: 6 });
    party.metadata = {};
    const none = await startParty({ dwk: 'other.json', kid: 'k1' });
    parties.push(none);
    const { code, stderr } = await user.run(['metadata', none.issuer]);
    expect({ code, stderr }).toEqual({ code: 6, stderr: expect.stringMatching(/publishes no metadata of AAuth/) });
    await none.close();
    expect(await user.run(['metadata', none.issuer])).toMatchObject({
      code: 6,
      stdout: expect.stringMatching(/ECONNREFUSED/),
    });
    expect(await user.run(['metadata', '--role', 'king', none.issuer])).toMatchObject({ code: 2 });
  });
});
