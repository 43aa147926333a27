import { getJson, now, readPublished, send } from '@aauth-stack/by-hand';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { AgentEvent } from '../../src/agent/index.ts';
import { parseServerIdentifier } from '../../src/identifiers.ts';
import { createTokenVerifier } from '../../src/tokens/index.ts';
import { createOurDiscovery, identifiers } from '../independent/our-resource.ts';
import { nameItTheirWay, startMockinWorld } from './mockin-world.ts';

// The mock Person Server of the draft's author. What works; how it differs is in mockin.differences.test.ts.
const world = await startMockinWorld();
const { mockin, provider, identity, theirs, agent, ask } = world;
afterAll(world.close);
beforeEach(async () => {
  await mockin.reset();
  theirs.challenge.resourceToken = () => ({});
});

describe('discovery', () => {
  test('its metadata has the members of today at paths of its own, and none for missions, revocation or scopes', async () => {
    expect(await getJson(`${mockin.issuer}/.well-known/aauth-person.json`)).toEqual({
      issuer: mockin.issuer,
      name: 'Mockin Person Server',
      description: '**Mockin** — a mock Person Server for AAuth testing.',
      jwks_uri: `${mockin.issuer}/aauth/jwks.json`,
      person_token_endpoint: `${mockin.issuer}/aauth/token/person`,
      auth_token_endpoint: `${mockin.issuer}/aauth/token/auth`,
      permission_endpoint: `${mockin.issuer}/aauth/permission`,
      audit_endpoint: `${mockin.issuer}/aauth/audit`,
      interaction_endpoint: `${mockin.issuer}/aauth/interaction`,
      bootstrap_endpoint: `${mockin.issuer}/aauth/bootstrap`,
    });
  });

  test('we take its metadata and its key', async () => {
    const { keys } = await getJson(`${mockin.issuer}/aauth/jwks.json`);
    expect(keys).toEqual([expect.objectContaining({ kty: 'OKP', crv: 'Ed25519', alg: 'Ed25519', use: 'sig' })]);
    const [{ kid }] = Array.isArray(keys) ? keys : [];
    const issuer = parseServerIdentifier(mockin.issuer, identifiers);
    const key = await createOurDiscovery().key(issuer, 'aauth-person.json', kid);
    expect(key.alg).toBe('Ed25519');
  });
});

describe('person tokens', () => {
  test('our agent gets one, and our resource serves on it', async () => {
    const { fetch, events } = agent();
    expect((await fetch(`${identity.origin}/stock`)).status).toBe(200);
    expect(events.map(({ type }) => type)).toEqual([
      'metadata-read',
      'person-token-requested',
      'person-token-received',
      'presented',
    ]);
    expect(identity.admitted.at(-1)).toMatchObject({
      level: 'person',
      personServer: mockin.issuer,
      subject: expect.stringMatching(/^[\w-]{43}$/),
      jkt: provider.agentKey.thumbprint,
    });
  });

  test('have the claims of today and end with the agent token', async () => {
    const exp = now() + 600;
    const { status, text } = await ask({ resource: identity.origin }, { token: { exp } });
    expect(status).toBe(200);
    const { person_token: token, expires_in: expiresIn, ...rest } = JSON.parse(text);
    expect(rest).toEqual({});
    expect(expiresIn).toBeLessThanOrEqual(600);
    expect(await readPublished(token)).toEqual({
      header: { alg: 'Ed25519', typ: 'aa-person+jwt', kid: expect.stringMatching(/^aauth-/) },
      claims: {
        iss: mockin.issuer,
        dwk: 'aauth-person.json',
        aud: identity.origin,
        sub: expect.any(String),
        cnf: { jwk: provider.agentKey.publicJwk },
        jti: expect.any(String),
        iat: expect.any(Number),
        exp,
      },
    });
  });
});

describe('auth tokens', () => {
  test('with both names in the resource token the whole flow goes through', async () => {
    theirs.challenge.resourceToken = nameItTheirWay;
    const { fetch, events } = agent({ capabilities: ['interaction'] });
    expect((await fetch(`${theirs.origin}/stock`)).status).toBe(200);
    expect(events.map(({ type }) => type)).toEqual([
      'metadata-read',
      'person-token-requested',
      'person-token-received',
      'presented',
      'challenged',
      'exchange-requested',
      'exchange-received',
      'retried',
      'presented',
    ]);
    const { token } = theirs.served.at(-1) ?? {};
    expect(token?.header.typ).toBe('aa-auth+jwt');
    expect(token?.claims).toEqual({
      iss: mockin.issuer,
      dwk: 'aauth-person.json',
      ps: mockin.issuer,
      aud: theirs.origin,
      sub: expect.any(String),
      scope: 'stock:read',
      cnf: { jwk: provider.agentKey.publicJwk },
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
  });

  test('are verified as ours are', async () => {
    theirs.challenge.resourceToken = nameItTheirWay;
    await agent().fetch(`${theirs.origin}/stock`);
    const verify = createTokenVerifier({
      discovery: createOurDiscovery(),
      identifiers,
      accepts: ['aa-auth+jwt'],
      audience: parseServerIdentifier(theirs.origin, identifiers),
    });
    const token = await verify(theirs.served.at(-1)?.compact ?? '');
    expect(token).toMatchObject({ issuer: mockin.issuer, personServer: mockin.issuer, scope: ['stock:read'] });
    expect(token.key.thumbprint).toBe(provider.agentKey.thumbprint);
  });

  test('an interaction is announced as it is today; the agent polls until the person was there', async () => {
    theirs.challenge.resourceToken = nameItTheirWay;
    await mockin.mock({ requirement: 'interaction', auto_approve: false });
    const slept: number[] = [];
    const { fetch, events } = agent({
      sleep: async (seconds) => {
        slept.push(seconds);
        if (slept.length === 2) expect((await send(pageFor(events))).status).toBe(200);
      },
    });
    expect((await fetch(`${theirs.origin}/stock`)).status).toBe(200);
    expect(slept).toEqual([0, 5]);
    const [deferred] = events.filter(({ type }) => type === 'deferred');
    expect(deferred).toMatchObject({
      awaiting: 'auth-token',
      server: mockin.issuer,
      pending: {
        status: 'pending',
        requirement: { requirement: 'interaction', parameters: { url: `${mockin.issuer}/aauth/consent` } },
      },
    });
  });

  test('an approval ends with the next poll', async () => {
    theirs.challenge.resourceToken = nameItTheirWay;
    await mockin.mock({ requirement: 'approval' });
    const { fetch, events } = agent({ sleep: async () => undefined });
    expect((await fetch(`${theirs.origin}/stock`)).status).toBe(200);
    const [deferred] = events.filter(({ type }) => type === 'deferred');
    expect(deferred).toMatchObject({ pending: { requirement: { requirement: 'approval', parameters: {} } } });
  });

  test.each([
    ['denied', 403],
    ['invalid_scope', 400],
    ['server_error', 500],
  ])('its refusal %s reaches the caller with its code and its detail', async (error, status) => {
    theirs.challenge.resourceToken = nameItTheirWay;
    await mockin.mock({ error, error_endpoint: 'token' });
    await expect(agent().fetch(`${theirs.origin}/stock`)).rejects.toMatchObject({
      name: 'PeerError',
      code: error,
      status,
      message: expect.stringContaining(`Mock error: ${error}`),
    });
  });
});

/** Where the person is to go. */
function pageFor(events: readonly AgentEvent[]): string {
  const deferred = events.find((event) => event.type === 'deferred');
  const { url, code } = deferred?.pending.requirement?.parameters ?? {};
  return `${url}?code=${code}`;
}
