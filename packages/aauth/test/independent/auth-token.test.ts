import {
  type AgentProvider,
  authToken,
  type Changes,
  change,
  createKeyPair,
  flipBit,
  type Issuer,
  type Jwt,
  type PersonServer,
  type Presentation,
  peek,
  present,
  type Resource,
  read,
  readRequirement,
  resourceToken,
  sendSigned,
  sign,
  startAgentProvider,
  startPersonServer,
  startResource,
} from '@aauth-stack/by-hand';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { parseServerIdentifier } from '../../src/identifiers.ts';
import { issueAuthToken } from '../../src/tokens/index.ts';
import { createKey } from '../support/keys.ts';
import { createOurAgent } from './our-agent.ts';
import { type OurResource, startOurResource } from './our-resource.ts';
import { anotherKey } from './public-key.ts';
import { refusal, refusedWith } from './refusals.ts';

const now = Math.floor(Date.now() / 1000);

let personServer: PersonServer;
let provider: AgentProvider;
let ours: OurResource;
let theirs: Resource;

beforeAll(async () => {
  personServer = await startPersonServer();
  provider = await startAgentProvider({ personServer: personServer.issuer });
  ours = await startOurResource('auth-token');
  theirs = await startResource({ access: 'auth-token' });
  return () => Promise.all([theirs, ours, provider, personServer].map((party) => party.close()));
});

describe('an auth token made by hand, presented to our resource', () => {
  const call = (token: string, path = '/orders') => present(`${ours.origin}${path}`, token, provider.agentKey);

  /** As a Person Server grants it: for the resource token that our resource answers a person token with. */
  async function granted(): Promise<Jwt> {
    const presented = await personServer.personToken(ours.origin, provider.agentKey.publicJwk);
    const { headers } = await call(presented);
    const { parameters } = readRequirement(headers.get('aauth-requirement'));
    const asked = peek(`${parameters['resource-token']}`);
    return authToken(personServer, { asked, agentKey: provider.agentKey.publicJwk });
  }
  const auth = async (changes: Changes = {}) => sign(change(await granted(), changes), personServer.key);

  test('lets its person in, with what was granted', async () => {
    expect((await call(await auth())).status).toBe(200);
    expect(ours.admitted.at(-1)).toMatchObject({
      level: 'authorized',
      scheme: 'jwt',
      personServer: personServer.issuer,
      subject: personServer.subjectAt(ours.origin),
      scope: ['stock:read'],
      jkt: provider.agentKey.thumbprint,
    });
  });

  test('may grant less than was asked for, and carry claims about the person', async () => {
    expect((await call(await auth({ claims: { scope: undefined, email: 'alice@example.com' } }))).status).toBe(200);
    expect(ours.admitted.at(-1)).toMatchObject({ level: 'authorized', scope: [] });
  });

  test('lets in where a scope is needed only if that was granted, word by word', async () => {
    const path = '/orders?scope=stock:write';
    expect((await call(await auth({ claims: { scope: 'stock:read stock:write' } }), path)).status).toBe(200);
    for (const scope of ['stock:read', 'stock:writer', 'restock:write']) {
      const response = await call(await auth({ claims: { scope } }), path);
      expect(response.status).toBe(401);
      expect(readRequirement(response.headers.get('aauth-requirement')).requirement).toBe('auth-token');
    }
  });

  test('is what a person token cannot stand in for', async () => {
    const reached = ours.admitted.length;
    const response = await call(await personServer.personToken(ours.origin, provider.agentKey.publicJwk));
    expect(response.status).toBe(401);
    expect(ours.admitted).toHaveLength(reached);
  });

  const altered: [string, Changes, string][] = [
    ['the typ of a person token', { header: { typ: 'aa-person+jwt' } }, 'invalid_jwt'],
    ['the typ of a resource token', { header: { typ: 'aa-resource+jwt' } }, 'invalid_jwt'],
    ['the typ of a plain JWT', { header: { typ: 'JWT' } }, 'invalid_jwt'],
    ['alg none', { header: { alg: 'none' } }, 'invalid_jwt'],
    ['a polymorphic alg', { header: { alg: 'EdDSA' } }, 'unsupported_algorithm'],
    ['an unknown kid', { header: { kid: 'ps-2' } }, 'unknown_key'],
    ['the dwk of a resource', { claims: { dwk: 'aauth-resource.json' } }, 'invalid_jwt'],
    ['the dwk of an access server', { claims: { dwk: 'aauth-access.json' } }, 'invalid_jwt'],
    ['another aud', { claims: { aud: 'https://resource.example' } }, 'invalid_jwt'],
    ['two of aud', { claims: { aud: ['https://resource.example'] } }, 'invalid_jwt'],
    ['another ps', { claims: { ps: 'https://ps.example' } }, 'invalid_jwt'],
    ['no ps', { claims: { ps: undefined } }, 'invalid_jwt'],
    ['no sub', { claims: { sub: undefined } }, 'invalid_jwt'],
    ['a scope that is a list', { claims: { scope: ['stock:read'] } }, 'invalid_jwt'],
    ['no jti', { claims: { jti: undefined } }, 'invalid_jwt'],
    ['an iat ahead', { claims: { iat: now + 300 } }, 'clock_skew'],
    ['an exp that has passed', { claims: { iat: now - 3601, exp: now - 1 } }, 'expired_jwt'],
    ['a lifetime above an hour', { claims: { iat: now, exp: now + 3601 } }, 'invalid_jwt'],
    ['no cnf', { claims: { cnf: undefined } }, 'invalid_jwt'],
    ['a cnf without a JWK', { claims: { cnf: { jkt: 'A'.repeat(43) } } }, 'invalid_jwt'],
  ];
  test.each(altered)('is refused with %s', async (_, changes, code) => {
    expect((await call(await auth())).status).toBe(200);
    const reached = ours.admitted.length;
    const response = await call(await auth(changes));
    expect(refusal(response)).toEqual(refusedWith(code));
    expect(response.headers.get('aauth-requirement')).toBe('requirement=person-token');
    expect(ours.admitted).toHaveLength(reached);
  });

  test.each([
    ['header', '"kid":"', 'unknown_key'],
    ['claims', '"scope":"', 'invalid_jwt'],
    ['claims', '"sub":"', 'invalid_jwt'],
    ['signature', '', 'invalid_jwt'],
  ] as const)('is refused with one bit of its %s flipped, after %j', async (part, after, code) => {
    const token = await auth();
    expect((await call(token)).status).toBe(200);
    expect(refusal(await call(flipBit(token, part, after)))).toEqual(refusedWith(code));
  });

  test('is refused to an agent with another key, and at another resource', async () => {
    const token = await auth();
    expect((await call(token)).status).toBe(200);
    const thief = await present(`${ours.origin}/orders`, token, await createKeyPair('thief'));
    expect(refusal(thief)).toEqual(refusedWith('invalid_signature'));
    const other = await startOurResource('auth-token');
    onTestFinished(() => other.close());
    expect(refusal(await present(`${other.origin}/orders`, token, provider.agentKey))).toEqual(
      refusedWith('invalid_jwt'),
    );
  });

  /** What the resource answers to a hand-made server that takes a token back. */
  function revoke(server: Issuer, dwk: string, token: string, alter?: Presentation['alter']) {
    const { jti, exp } = peek(token).claims;
    const signatureKey = { type: 'jwks_uri', id: server.issuer, dwk, kid: server.key.kid } as const;
    return sendSigned(`${ours.origin}/revoke`, signatureKey, server.key, {
      method: 'POST',
      body: JSON.stringify({ jti, exp }),
      components: ['@method', '@authority', '@path', 'signature-key', 'content-type'],
      alter,
    });
  }

  test('is refused once its issuer has taken it back, and the agent is sent for a person token', async () => {
    const token = await auth();
    expect((await call(token)).status).toBe(200);
    expect(await revoke(personServer, 'aauth-person.json', token)).toMatchObject({ status: 200, text: '' });
    const response = await call(token);
    expect(refusal(response)).toEqual(refusedWith('revoked_jwt'));
    expect(response.headers.get('aauth-requirement')).toBe('requirement=person-token');
    expect((await call(await auth())).status).toBe(200);
  });

  test('stands when anybody else takes it back', async () => {
    const other = await startPersonServer();
    onTestFinished(() => other.close());
    const token = await auth();
    expect((await revoke(other, 'aauth-person.json', token)).status).toBe(200);
    const byProvider = await revoke(provider, 'aauth-agent.json', token);
    expect(refusal(byProvider)).toEqual({ status: 403, signatureError: null, error: 'unsupported_iss' });
    const forged = { issuer: personServer.issuer, key: { ...other.key, kid: personServer.key.kid } };
    expect(refusal(await revoke(forged, 'aauth-person.json', token))).toEqual(refusedWith('invalid_signature'));
    const altered = await revoke(personServer, 'aauth-person.json', await auth(), (request) => {
      Object.assign(request, { body: JSON.stringify({ jti: peek(token).claims.jti, exp: now + 3600 }) });
    });
    expect(refusal(altered)).toEqual(refusedWith('invalid_signature'));
    expect((await call(token)).status).toBe(200);
  });

  test('counts only from a Person Server that the resource accepts', async () => {
    const other = await startPersonServer();
    const choosy = await startOurResource('auth-token', {
      personServers: [{ issuer: parseServerIdentifier(personServer.issuer, { allowLoopback: true }) }],
    });
    onTestFinished(async () => {
      await choosy.close();
      await other.close();
    });
    const statuses = [];
    for (const server of [personServer, other]) {
      const asked = resourceToken(
        { issuer: choosy.origin, key: server.key },
        {
          presented: peek(await server.personToken(choosy.origin, provider.agentKey.publicJwk)),
          agentJkt: provider.agentKey.thumbprint,
          scope: 'stock:read',
        },
      );
      const token = await sign(authToken(server, { asked, agentKey: provider.agentKey.publicJwk }), server.key);
      const { status, headers } = await present(`${choosy.origin}/orders`, token, provider.agentKey);
      statuses.push([status, headers.get('signature-error')]);
    }
    expect(statuses).toEqual([
      [200, null],
      [401, 'error=invalid_jwt'],
    ]);
  });
});

describe('an auth token made by hand, issued to our agent', () => {
  async function call(resource: { origin: string } = theirs) {
    const agent = createOurAgent(provider, personServer.issuer);
    return agent.fetch(`${resource.origin}/stock`);
  }

  test('is presented to a resource of ours, which challenged it', async () => {
    const response = await call(ours);
    expect([response.status, await response.text()]).toEqual([200, 'served']);
    expect(ours.admitted.at(-1)).toMatchObject({ level: 'authorized', scope: ['stock:read'] });
  });

  const altered: [string, Changes][] = [
    ['the typ of a person token', { header: { typ: 'aa-person+jwt' } }],
    ['the dwk of an access server', { claims: { dwk: 'aauth-access.json' } }],
    ['another aud', { claims: { aud: 'https://resource.example' } }],
    ['another ps', { claims: { ps: 'https://ps.example' } }],
    ['another sub', { claims: { sub: 'bob' } }],
    ['another key', { claims: { cnf: { jwk: anotherKey } } }],
    ['an exp that has passed', { claims: { iat: now - 3601, exp: now - 1 } }],
    ['a lifetime above an hour', { claims: { iat: now, exp: now + 3601 } }],
  ];
  test.each(altered)('is not presented with %s', async (_, changes) => {
    expect((await call()).status).toBe(200);
    const served = theirs.served.length;
    personServer.changes.auth = changes;
    onTestFinished(() => {
      personServer.changes.auth = {};
    });
    await expect(call()).rejects.toMatchObject({ name: 'PeerError', code: 'invalid_response' });
    expect(theirs.served).toHaveLength(served);
  });
});

test('an auth token of ours is what AAuth says, by jose alone', async () => {
  const identifier = (name: string) => parseServerIdentifier(name, { allowLoopback: false });
  const [key, agentKey] = [await createKey('ps-1'), await createKey()];
  const options = {
    issuer: identifier('https://ps.example'),
    personServer: identifier('https://ps.example'),
    audience: identifier('https://resource.example'),
    subject: 'pairwise',
    scope: ['stock:read', 'stock:write'],
    key,
    cnf: agentKey.publicJwk,
    now: () => 1_790_000_000.9,
  };
  const claims = {
    iss: 'https://ps.example',
    dwk: 'aauth-person.json',
    aud: 'https://resource.example',
    sub: 'pairwise',
    ps: 'https://ps.example',
    scope: 'stock:read stock:write',
    jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    iat: 1_790_000_000,
    exp: 1_790_003_600,
    cnf: { jwk: { kty: 'OKP', crv: 'Ed25519', x: agentKey.publicJwk.x, alg: 'Ed25519' } },
  };
  const readByJose = async ({ token }: { token: string }) => read(token, [{ ...key.publicJwk }]);
  expect(await readByJose(await issueAuthToken({ ...options, notAfter: [] }))).toEqual({
    header: { alg: 'Ed25519', typ: 'aa-auth+jwt', kid: 'ps-1' },
    claims,
  });
  const more = { account: 'acme', missionS256: 'A'.repeat(43), tenant: 'acme', claims: { email: 'alice@example.com' } };
  const capped = { ...options, ...more, notAfter: [1_790_000_600, 1_790_000_060] };
  expect((await readByJose(await issueAuthToken(capped))).claims).toEqual({
    ...claims,
    exp: 1_790_000_060,
    account: 'acme',
    mission_s256: 'A'.repeat(43),
    tenant: 'acme',
    email: 'alice@example.com',
  });
});
