import { describe, expect, expectTypeOf, it } from 'vitest';
import { scopeDescriptions, startChallengingServer } from '../../test/support/challenging-server.ts';
import { createKey } from '../../test/support/keys.ts';
import type { TestResponse } from '../../test/support/requests.ts';
import { createDiscovery } from '../discovery/discovery.ts';
import { aauth } from '../hono/aauth.ts';
import { parseServerIdentifier } from '../identifiers.ts';
import { createEgressFetch } from '../node/egress.ts';
import { nodeKeys } from '../node/keys.ts';
import { parseRequirement } from '../requirement.ts';
import { hwkSignatureKey, messageFromRequest } from '../signatures/index.ts';
import { decodeTokenForDisplay } from '../tokens/jwt.ts';
import type { ResourceOptions } from './options.ts';
import { createResource, type Resource } from './resource.ts';
import type { AuthorizedPrincipal, PersonPrincipal, Principal } from './types.ts';

type Parties = Awaited<ReturnType<typeof startChallengingServer>>;

const order = { method: 'POST', target: '/orders', body: '{"item":1}' };
const missionS256 = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

/** The resource token of a challenge, whose response has nothing to do with the signature. */
function resourceTokenOf(response: TestResponse) {
  expect(response.status).toBe(401);
  expect(response.headers).not.toHaveProperty('signature-error');
  const requirement = parseRequirement(`${response.headers['aauth-requirement']}`);
  expect(requirement?.requirement).toBe('auth-token');
  const compact = requirement?.parameters['resource-token'] ?? '';
  return { compact, ...decodeTokenForDisplay(compact) };
}

function expectPersonTokenRequired(response: TestResponse): void {
  expect(response.status).toBe(401);
  expect(response.headers['aauth-requirement']).toBe('requirement=person-token');
}

describe('a resource that requires auth tokens', () => {
  it('leads an agent from its agent token over a person token to an auth token', async () => {
    const parties = await startChallengingServer();
    const { present, agentToken, personToken, authToken, reached, verdicts, ps, identifier, agentKey, clock } = parties;

    const first = await present(agentToken());
    expectPersonTokenRequired(first);
    expect(first.headers).not.toHaveProperty('signature-error');
    expect(JSON.parse(first.body)).toMatchObject({ status: 401, error: 'person_token_required' });
    expect(verdicts.at(-1)).toMatchObject({
      ok: false,
      challenge: { requirement: 'person-token', resourceToken: undefined, principal: { level: 'identified' } },
    });

    const second = await present(personToken({ claims: { jti: 'person-1' } }));
    const { compact, header, claims } = resourceTokenOf(second);
    expect(header).toEqual({ alg: 'Ed25519', typ: 'aa-resource+jwt', kid: 'inventory-1' });
    expect(claims).toEqual({
      iss: identifier,
      dwk: 'aauth-resource.json',
      aud: ps.identifier,
      sub: 'p-1',
      ps: ps.identifier,
      presented_jti: 'person-1',
      agent_jkt: agentKey.thumbprint,
      scope: 'stock:read',
      jti: expect.any(String),
      iat: clock.now(),
      exp: clock.now() + 300,
    });
    expect(JSON.parse(second.body)).toMatchObject({ status: 401, error: 'auth_token_required' });
    expect(second.body).not.toContain(compact);
    expect(second.headers['cache-control']).toBe('no-store');
    expect(verdicts.at(-1)).toMatchObject({
      ok: false,
      challenge: {
        requirement: 'auth-token',
        resourceToken: { token: compact, claims },
        principal: { subject: 'p-1' },
      },
    });
    expect(reached).toEqual([]);

    expect(await present(authToken())).toMatchObject({ status: 200, body: '{"level":"authorized"}' });
    expect(reached).toEqual(['read']);
  });

  it('says person-token and why the signature fails to a request that is not signed', async () => {
    const { send, reached } = await startChallengingServer();
    const response = await send({}, {});
    expectPersonTokenRequired(response);
    expect(response.headers['signature-error']).toBe('error=invalid_signature');
    expect(reached).toEqual([]);
  });

  it('never lets a person token pass for an auth token, however like one it is', async () => {
    const { present, personToken, authToken, reached, ps } = await startChallengingServer();
    expect((await present(authToken())).status).toBe(200);
    resourceTokenOf(await present(personToken()));
    // What only an auth token has, in a person token: no token at all.
    const dressedUp = await present(personToken({ claims: { ps: ps.identifier, scope: 'stock:read' } }));
    expectPersonTokenRequired(dressedUp);
    expect(dressedUp.headers['signature-error']).toBe('error=invalid_jwt');
    expect(reached).toEqual(['read']);
  });

  it('issues a resource token for each challenge, and copies the mission and the tenant of what was presented', async () => {
    const { present, personToken } = await startChallengingServer();
    const claims = { mission_s256: missionS256, tenant: 'acme' };
    const [one, other] = [await present(personToken({ claims })), await present(personToken({ claims }))].map(
      resourceTokenOf,
    );
    expect(one?.claims).toMatchObject(claims);
    expect(one?.claims?.jti).not.toBe(other?.claims?.jti);
    const plain = resourceTokenOf(await present(personToken()));
    expect(plain.claims).not.toHaveProperty('mission_s256');
    expect(plain.claims).not.toHaveProperty('tenant');
  });

  it('binds the resource token to the key that signs', async () => {
    const { present, personToken } = await startChallengingServer();
    const key = await createKey();
    const token = personToken({ claims: { cnf: { jwk: key.publicJwk } } });
    expect(resourceTokenOf(await present(token, {}, { key })).claims?.agent_jkt).toBe(key.thumbprint);
  });

  it('addresses its resource tokens to its access server, if it has one', async () => {
    const issuer = parseServerIdentifier('http://as.localhost:4000', { allowLoopback: true });
    const { present, personToken, ps } = await startChallengingServer({ accessServer: { issuer } });
    expect(resourceTokenOf(await present(personToken())).claims).toMatchObject({ aud: issuer, ps: ps.identifier });
  });
});

describe('a token that does not hold where an auth token is required', () => {
  type Send = (parties: Parties) => Promise<TestResponse>;
  const bad: [what: string, code: string, send: Send][] = [
    [
      'for another resource',
      'invalid_jwt',
      (p) => p.present(p.authToken({ claims: { aud: 'http://other.localhost:3000' } })),
    ],
    ['of another key', 'invalid_signature', async (p) => p.present(p.authToken(), {}, { key: await createKey() })],
    [
      'that has expired',
      'expired_jwt',
      (p) => p.present(p.authToken({ claims: { iat: p.clock.now() - 60, exp: p.clock.now() } })),
    ],
    ['from the future', 'clock_skew', (p) => p.present(p.authToken({ claims: { iat: p.clock.now() + 62 } }))],
    [
      'that lives for over an hour',
      'invalid_jwt',
      (p) => p.present(p.authToken({ claims: { exp: p.clock.now() + 3602 } })),
    ],
    [
      'of a Person Server nobody accepts',
      'invalid_jwt',
      (p) => p.present(p.authToken({ claims: { iss: p.ap.identifier, ps: p.ap.identifier } })),
    ],
    [
      'that names another Person Server',
      'invalid_jwt',
      (p) => p.present(p.authToken({ claims: { ps: p.ap.identifier } })),
    ],
    [
      'of an access server nobody configured',
      'invalid_jwt',
      (p) => p.present(p.authToken({ claims: { dwk: 'aauth-access.json' } })),
    ],
    [
      'that somebody else signed',
      'invalid_jwt',
      async (p) => p.present(p.authToken({ key: p.ap.key, header: { kid: p.ps.key.kid } })),
    ],
    ['of the type resource token', 'invalid_jwt', (p) => p.present(p.authToken({ type: 'aa-resource+jwt' }))],
    [
      'and is a person token for another resource',
      'invalid_jwt',
      (p) => p.present(p.personToken({ claims: { aud: 'http://other.localhost:3000' } })),
    ],
    [
      'and is a person token that has expired',
      'expired_jwt',
      (p) => p.present(p.personToken({ claims: { iat: p.clock.now() - 60, exp: p.clock.now() } })),
    ],
    [
      'and is a person token of another key',
      'invalid_signature',
      async (p) => p.present(p.personToken(), {}, { key: await createKey() }),
    ],
    [
      'and is an agent token of a stranger',
      'invalid_jwt',
      (p) => p.present(p.agentToken({ claims: { iss: p.ps.identifier } })),
    ],
  ];
  it.each(bad)('%s is refused with %s and asked to start from the person', async (_, code, send) => {
    const parties = await startChallengingServer();
    expect((await parties.present(parties.authToken())).status).toBe(200);
    const response = await send(parties);
    expectPersonTokenRequired(response);
    expect(response.headers['signature-error']).toBe(`error=${code}`);
    expect(JSON.parse(response.body)).toMatchObject({ error: code });
    expect(parties.verdicts.at(-1)).toMatchObject({ ok: false, error: { code } });
    expect(parties.verdicts.at(-1)).not.toHaveProperty('challenge');
    expect(parties.reached).toEqual(['read']);
  });

  it.each(['metadata', 'jwks'] as const)('because the %s of its issuer cannot be fetched makes a 503', async (what) => {
    const parties = await startChallengingServer();
    parties.ps.published[what] = undefined;
    const response = await parties.present(parties.authToken());
    expect(response.status).toBe(503);
    expect(response.headers).not.toHaveProperty('signature-error');
    expect(response.headers).not.toHaveProperty('aauth-requirement');
  });

  it('because its issuer’s metadata lies is refused with issuer_mismatch', async () => {
    const parties = await startChallengingServer();
    parties.ps.published.metadata = parties.ap.published.metadata;
    expect((await parties.present(parties.authToken())).headers['signature-error']).toBe('error=issuer_mismatch');
  });
});

describe('a call that needs more than was granted', () => {
  it('is challenged for what it needs beside what the token has, naming that token', async () => {
    const { present, authToken, reached } = await startChallengingServer();
    const granted = { scope: 'stock:read stock:order', account: 'main' };
    expect((await present(authToken({ claims: granted }), order)).status).toBe(200);
    const response = await present(authToken({ claims: { ...granted, scope: 'stock:read', jti: 'auth-1' } }), order);
    expect(resourceTokenOf(response).claims).toMatchObject({
      presented_jti: 'auth-1',
      sub: 'p-1',
      scope: 'stock:read stock:order',
      account: 'main',
    });
    expect(JSON.parse(response.body)).toMatchObject({ error: 'insufficient_scope' });
    expect(reached).toEqual(['order']);
  });

  it('is challenged at once for it when only the person is known', async () => {
    const { present, personToken } = await startChallengingServer();
    expect(resourceTokenOf(await present(personToken(), order)).claims?.scope).toBe('stock:read stock:order');
  });

  it('keeps out what it never declared, and identity scopes that the Person Server does not have', async () => {
    const { present, authToken, ps } = await startChallengingServer();
    const claims = { scope: 'stock:read email phone admin' };
    // The Person Server declares openid and email.
    expect(resourceTokenOf(await present(authToken({ claims }), order)).claims?.scope).toBe(
      'stock:read email stock:order',
    );
    expect(ps.asked).toContain('/.well-known/aauth-person.json');
  });

  it('needs nothing of the Person Server but its keys when it asks for scopes of its own', async () => {
    const { present, personToken, ps } = await startChallengingServer({
      personServers: (issuer) => ({ issuer, jwksUri: `${issuer}/jwks` }),
    });
    ps.published.metadata = undefined;
    expect(resourceTokenOf(await present(personToken(), order)).claims?.scope).toBe('stock:read stock:order');
    expect(ps.asked).toEqual(['/jwks']);
  });

  it('is not satisfied by a scope that merely contains the name', async () => {
    const { present, authToken } = await startChallengingServer();
    for (const scope of ['stock:order2', 'xstock:order', 'stock:orde', 'STOCK:ORDER']) {
      resourceTokenOf(await present(authToken({ claims: { scope } }), order));
    }
    expect((await present(authToken({ claims: { scope: 'x stock:order' } }), order)).status).toBe(200);
  });
});

describe('a revoked token', () => {
  const revoke = (parties: Parties, token: string) => {
    const { claims } = decodeTokenForDisplay(token) ?? {};
    return parties.revokeAs(claims?.iss === parties.ap.identifier ? parties.ap : parties.ps, {
      jti: claims?.jti,
      exp: claims?.exp,
    });
  };

  it.each(['authToken', 'personToken', 'agentToken'] as const)(
    'that is an %s fails at the very next request, with revoked_jwt and person-token',
    async (kind) => {
      const parties = await startChallengingServer();
      const [token, other] = [await parties[kind](), await parties[kind]()];
      const before = await parties.present(token);
      expect(before.headers).not.toHaveProperty('signature-error');
      expect((await revoke(parties, token)).status).toBe(200);
      const response = await parties.present(token);
      expectPersonTokenRequired(response);
      expect(response.headers['signature-error']).toBe('error=revoked_jwt');
      expect(JSON.parse(response.body)).toMatchObject({ error: 'revoked_jwt' });
      expect((await parties.present(other)).status).toBe(before.status);
      expect(parties.reached).toHaveLength(kind === 'authToken' ? 2 : 0);
    },
  );

  it('that is an auth token asks for the person even where an agent token is enough', async () => {
    const parties = await startChallengingServer(
      { access: 'agent-token', tokenTypes: ['aa-agent+jwt', 'aa-auth+jwt'] },
      [],
    );
    const token = await parties.authToken();
    expect((await parties.present(token)).status).toBe(200);
    await revoke(parties, token);
    expectPersonTokenRequired(await parties.present(token));
    const agentToken = await parties.agentToken();
    expect((await parties.present(agentToken)).status).toBe(200);
    await revoke(parties, agentToken);
    expect((await parties.present(agentToken)).headers).toMatchObject({
      'aauth-requirement': 'requirement=agent-token',
      'signature-error': 'error=revoked_jwt',
    });
  });
});

describe('a resource that serves on the person alone', () => {
  it('lets person tokens and auth tokens in, and tells agent tokens what is missing', async () => {
    const { present, agentToken, personToken, authToken, reached } = await startChallengingServer(
      { access: 'person-token', signingKey: undefined, scopes: undefined },
      [],
    );
    expectPersonTokenRequired(await present(agentToken()));
    expect(reached).toEqual([]);
    expect(await present(personToken())).toMatchObject({ status: 200, body: '{"level":"person"}' });
    expect(await present(authToken())).toMatchObject({ status: 200, body: '{"level":"authorized"}' });
  });

  it('asks for an auth token only for the call that needs a scope', async () => {
    const { present, personToken, authToken } = await startChallengingServer({ access: 'person-token' });
    expect((await present(personToken())).status).toBe(200);
    expect(resourceTokenOf(await present(personToken(), order)).claims?.scope).toBe('stock:read stock:order');
    expect((await present(authToken({ claims: { scope: 'stock:order' } }), order)).status).toBe(200);
  });

  it('does not take a bare key for a person', async () => {
    const parties = await startChallengingServer({ access: 'person-token', schemes: ['jwt', 'hwk'] });
    const signatureKey = hwkSignatureKey(parties.agentKey.publicJwk);
    expectPersonTokenRequired(await parties.present(parties.personToken(), {}, { signatureKey }));
    expect(parties.reached).toEqual([]);
  });
});

describe('a verified person or auth token', () => {
  it.each(['personToken', 'authToken'] as const)(
    'that is a %s costs one signature verification from then on',
    async (kind) => {
      const verified: string[] = [];
      const keys = {
        ...nodeKeys,
        async verificationKey(jwk: Parameters<typeof nodeKeys.verificationKey>[0]) {
          const key = await nodeKeys.verificationKey(jwk);
          return {
            ...key,
            verify(signature: Uint8Array, data: Uint8Array) {
              verified.push(jwk.kid ?? 'agent');
              return key.verify(signature, data);
            },
          };
        },
      };
      const discovery = createDiscovery({
        fetch: createEgressFetch({ allowLoopback: true }),
        keys,
        identifiers: { allowLoopback: true },
      });
      const { present, ps, clock, ...parties } = await startChallengingServer({
        access: 'person-token',
        keys,
        discovery,
      });
      const token = await parties[kind]();
      expect((await present(token)).status).toBe(200);
      expect(verified).toContain('ps-1');
      const asked = ps.asked.length;
      verified.length = 0;
      for (let repeat = 0; repeat < 5; repeat++) expect((await present(token)).status).toBe(200);
      expect(verified).toEqual(Array(5).fill('agent'));
      expect(ps.asked).toHaveLength(asked);
      clock.advance(3600);
      expect((await present(token)).headers['signature-error']).toBe('error=expired_jwt');
    },
  );

  it('stops counting at the next request when its issuer is no longer accepted', async () => {
    let accepted = true;
    const { present, authToken } = await startChallengingServer({
      personServers: (issuer) => (accepted ? { issuer } : undefined),
    });
    const token = await authToken();
    expect((await present(token)).status).toBe(200);
    accepted = false;
    expect((await present(token)).headers['signature-error']).toBe('error=invalid_jwt');
  });
});

describe('the options of a resource', () => {
  const identifiers = { allowLoopback: false };
  const identifier = parseServerIdentifier('https://inventory.example', identifiers);
  const discovery = createDiscovery({ fetch: createEgressFetch(identifiers), identifiers });

  it('decide who its handlers can meet', async () => {
    const common = { discovery, identifiers, identifier };
    const signingKey = await createKey('rs-1');
    expectTypeOf(createResource(common)).toEqualTypeOf<Resource<Principal>>();
    expectTypeOf(createResource({ ...common, access: 'person-token' })).toEqualTypeOf<
      Resource<PersonPrincipal | AuthorizedPrincipal>
    >();
    expectTypeOf(createResource({ ...common, access: 'auth-token', signingKey })).toEqualTypeOf<
      Resource<AuthorizedPrincipal>
    >();
  });

  it('are refused when they cannot work', async () => {
    const signingKey = await createKey('rs-1');
    const unpublished = await createKey();
    const scopes = { descriptions: scopeDescriptions, defaults: ['stock:read'] };
    const good = { discovery, identifiers, identifier, access: 'auth-token', signingKey, scopes } as const;
    const wrong: Partial<ResourceOptions>[] = [
      { identifier: undefined },
      { signingKey: undefined },
      { signingKey: unpublished },
      { schemes: ['jwks_uri'] },
      { tokenTypes: ['aa-agent+jwt'] },
      { tokenTypes: ['aa-agent+jwt', 'aa-auth+jwt'] },
      { tokenTypes: ['aa-person+jwt'] },
      { access: 'person-token', tokenTypes: ['aa-agent+jwt'] },
      { access: 'agent-token', identifier: undefined, tokenTypes: ['aa-agent+jwt', 'aa-auth+jwt'] },
      { scopes: { ...scopes, defaults: ['stock:write'] } },
      { scopes: { descriptions: { 'stock read': 'a name with a space' } } },
      { scopes: { ...scopes, identity: ['stock:read'] } },
    ];
    expect(() => createResource(good)).not.toThrow();
    expect(() => createResource({ ...good, tokenTypes: ['aa-person+jwt', 'aa-auth+jwt'] })).not.toThrow();
    for (const change of wrong) expect(() => createResource({ ...good, ...change })).toThrow(TypeError);
  });

  it('must allow for what a call requires', async () => {
    const { resource, sign } = await startChallengingServer();
    const request = new Request('http://inventory.localhost:3000/stock', { headers: await sign({ target: '/stock' }) });
    expect((await resource.verifyRequest(request, { requiredScopes: ['stock:read'] })).ok).toBe(true);
    await expect(resource.verifyRequest(request, { requiredScopes: ['stock:write'] })).rejects.toThrow('stock:write');
    const identityOnly = createResource({ discovery, identifiers, identifier });
    await expect(identityOnly.verify(messageFromRequest(request))).resolves.toMatchObject({ ok: false });
    const needy = identityOnly.verify(messageFromRequest(request), undefined, { requiredScopes: ['stock:read'] });
    await expect(needy).rejects.toThrow(TypeError);
    expect(() => aauth(resource, { requiredScopes: ['stock:read'] })).not.toThrow();
    expect(() => aauth(resource, { requiredScopes: ['stock:write'] })).toThrow('stock:write');
  });
});
