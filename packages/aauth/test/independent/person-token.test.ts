import {
  type AgentProvider,
  type Changes,
  createKeyPair,
  flipBit,
  type PersonServer,
  present,
  type Resource,
  read,
  startAgentProvider,
  startPersonServer,
  startResource,
} from '@aauth-stack/by-hand';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { parseServerIdentifier } from '../../src/identifiers.ts';
import { issuePersonToken } from '../../src/tokens/index.ts';
import { createKey } from '../support/keys.ts';
import { createOurAgent } from './our-agent.ts';
import { type OurResource, startOurResource } from './our-resource.ts';
import { anotherKey } from './public-key.ts';
import { refusal, refusedWith } from './refusals.ts';

let personServer: PersonServer;
let provider: AgentProvider;
let ours: OurResource;
let theirs: Resource;

beforeAll(async () => {
  personServer = await startPersonServer();
  provider = await startAgentProvider({ personServer: personServer.issuer });
  ours = await startOurResource('person-token');
  theirs = await startResource({ access: 'person-token' });
  return () => Promise.all([theirs, ours, provider, personServer].map((party) => party.close()));
});

describe('a person token made by hand, presented to our resource', () => {
  const call = (token: string) => present(`${ours.origin}/orders`, token, provider.agentKey);
  const personToken = (changes?: Changes) =>
    personServer.personToken(ours.origin, provider.agentKey.publicJwk, changes);

  test('lets its person in', async () => {
    expect((await call(await personToken())).status).toBe(200);
    expect(ours.admitted.at(-1)).toMatchObject({
      level: 'person',
      scheme: 'jwt',
      personServer: personServer.issuer,
      subject: personServer.subjectAt(ours.origin),
      jkt: provider.agentKey.thumbprint,
    });
  });

  test('is what the resource asks for when it is shown an agent token', async () => {
    const response = await call(await provider.token());
    expect(response.status).toBe(401);
    expect(response.headers.get('aauth-requirement')).toBe('requirement=person-token');
    expect(response.headers.get('signature-error')).toBeNull();
  });

  const now = Math.floor(Date.now() / 1000);
  const altered: [string, Changes, string][] = [
    ['the typ of an agent token', { header: { typ: 'aa-agent+jwt' } }, 'invalid_jwt'],
    ['the typ of an auth token', { header: { typ: 'aa-auth+jwt' } }, 'invalid_jwt'],
    ['the typ of a resource token', { header: { typ: 'aa-resource+jwt' } }, 'invalid_jwt'],
    ['alg none', { header: { alg: 'none' } }, 'invalid_jwt'],
    ['an unknown kid', { header: { kid: 'ps-2' } }, 'unknown_key'],
    ['the dwk of an agent provider', { claims: { dwk: 'aauth-agent.json' } }, 'invalid_jwt'],
    ['the dwk of an access server', { claims: { dwk: 'aauth-access.json' } }, 'invalid_jwt'],
    ['another aud', { claims: { aud: 'https://resource.example' } }, 'invalid_jwt'],
    ['no aud', { claims: { aud: undefined } }, 'invalid_jwt'],
    ['no sub', { claims: { sub: undefined } }, 'invalid_jwt'],
    ['an empty sub', { claims: { sub: '' } }, 'invalid_jwt'],
    ['no jti', { claims: { jti: undefined } }, 'invalid_jwt'],
    ['an iat ahead', { claims: { iat: now + 300 } }, 'clock_skew'],
    ['an exp that has passed', { claims: { iat: now - 3601, exp: now - 1 } }, 'expired_jwt'],
    ['a lifetime above an hour', { claims: { iat: now, exp: now + 3601 } }, 'invalid_jwt'],
    ['a scope', { claims: { scope: 'stock:read' } }, 'invalid_jwt'],
    ['an account', { claims: { account: 'acme' } }, 'invalid_jwt'],
    ['a mission that is no hash', { claims: { mission_s256: 'mission' } }, 'invalid_jwt'],
    ['no cnf', { claims: { cnf: undefined } }, 'invalid_jwt'],
  ];
  test.each(altered)('is refused with %s', async (_, changes, code) => {
    expect((await call(await personToken())).status).toBe(200);
    const reached = ours.admitted.length;
    const response = await call(await personToken(changes));
    expect(refusal(response)).toEqual(refusedWith(code));
    expect(response.headers.get('aauth-requirement')).toBe('requirement=person-token');
    expect(ours.admitted).toHaveLength(reached);
  });

  test.each([
    ['header', '"kid":"', 'unknown_key'],
    ['claims', '"sub":"', 'invalid_jwt'],
    ['claims', '"jti":"', 'invalid_jwt'],
    ['signature', '', 'invalid_jwt'],
  ] as const)('is refused with one bit of its %s flipped, after %j', async (part, after, code) => {
    const token = await personToken();
    expect((await call(token)).status).toBe(200);
    expect(refusal(await call(flipBit(token, part, after)))).toEqual(refusedWith(code));
  });

  test('is refused to an agent with another key', async () => {
    const token = await personToken();
    expect((await call(token)).status).toBe(200);
    const response = await present(`${ours.origin}/orders`, token, await createKeyPair('thief'));
    expect(refusal(response)).toEqual(refusedWith('invalid_signature'));
  });
});

describe('a person token made by hand, issued to our agent', () => {
  async function call() {
    const agent = createOurAgent(provider, personServer.issuer);
    const response = await agent.fetch(`${theirs.origin}/stock?item=1`);
    return { status: response.status, events: agent.events.map(({ type }) => type) };
  }

  test('is presented to a hand-made resource', async () => {
    const events = ['metadata-read', 'person-token-requested', 'person-token-received', 'presented'];
    expect(await call()).toEqual({ status: 200, events });
    expect(personServer.requests.at(-1)).toMatchObject({
      endpoint: 'person-token',
      caller: { token: { claims: { sub: provider.agent } }, thumbprint: provider.agentKey.thumbprint },
      body: { resource: theirs.origin },
    });
    expect(theirs.served.at(-1)?.token).toMatchObject({
      header: { typ: 'aa-person+jwt' },
      claims: { iss: personServer.issuer, aud: theirs.origin, sub: personServer.subjectAt(theirs.origin) },
    });
  });

  const now = Math.floor(Date.now() / 1000);
  const altered: [string, Changes][] = [
    ['the typ of an auth token', { header: { typ: 'aa-auth+jwt' } }],
    ['another iss', { claims: { iss: 'https://ps.example' } }],
    ['another aud', { claims: { aud: 'https://resource.example' } }],
    ['another key', { claims: { cnf: { jwk: anotherKey } } }],
    ['an exp that has passed', { claims: { iat: now - 3601, exp: now - 1 } }],
    ['a lifetime above an hour', { claims: { iat: now, exp: now + 3601 } }],
    ['a scope', { claims: { scope: 'stock:read' } }],
  ];
  test.each(altered)('is not presented with %s', async (_, changes) => {
    expect((await call()).status).toBe(200);
    const served = theirs.served.length;
    personServer.changes.person = changes;
    onTestFinished(() => {
      personServer.changes.person = {};
    });
    await expect(call()).rejects.toMatchObject({ name: 'PeerError', code: 'invalid_response' });
    expect(theirs.served).toHaveLength(served);
    expect(theirs.received.at(-1)?.path).toBe('/.well-known/aauth-resource.json');
  });
});

test('a person token of ours is what AAuth says, by jose alone', async () => {
  const identifier = (name: string) => parseServerIdentifier(name, { allowLoopback: false });
  const [key, agentKey] = [await createKey('ps-1'), await createKey()];
  const now = () => 1_790_000_000.9;
  const options = {
    issuer: identifier('https://ps.example'),
    audience: identifier('https://resource.example'),
    subject: 'pairwise',
    key,
    cnf: agentKey.publicJwk,
    now,
  };
  const claims = {
    iss: 'https://ps.example',
    dwk: 'aauth-person.json',
    aud: 'https://resource.example',
    sub: 'pairwise',
    jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    iat: 1_790_000_000,
    exp: 1_790_003_600,
    cnf: { jwk: { kty: 'OKP', crv: 'Ed25519', x: agentKey.publicJwk.x, alg: 'Ed25519' } },
  };
  const readByJose = async ({ token }: { token: string }) => read(token, [{ ...key.publicJwk }]);
  expect(await readByJose(await issuePersonToken({ ...options, notAfter: [] }))).toEqual({
    header: { alg: 'Ed25519', typ: 'aa-person+jwt', kid: 'ps-1' },
    claims,
  });
  const missionS256 = 'A'.repeat(43);
  const capped = { ...options, notAfter: [1_790_000_600, 1_790_000_060], missionS256, tenant: 'acme' };
  expect((await readByJose(await issuePersonToken(capped))).claims).toEqual({
    ...claims,
    exp: 1_790_000_060,
    mission_s256: missionS256,
    tenant: 'acme',
  });
});
