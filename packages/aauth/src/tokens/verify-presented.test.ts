import { describe, expect, expectTypeOf, it } from 'vitest';
import { createKey } from '../../test/support/keys.ts';
import { createThreeParties, subject, type TokenChanges } from '../../test/support/three-parties.ts';
import { parseServerIdentifier } from '../identifiers.ts';
import type { SigningKey } from '../keys/types.ts';
import { nodeKeys } from '../node/keys.ts';
import type { VerifiedAuthToken, VerifiedPersonToken } from './types.ts';
import { createTokenVerifier, type TokenVerifierOptions } from './verify-token.ts';

const identifiers = { allowLoopback: false };
const server = (name: string) => parseServerIdentifier(name, identifiers);
const stranger = await createKey('ps-1');
const accessKey = await createKey('as-1');
const missionS256 = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

async function setUp(options: Partial<TokenVerifierOptions> = {}) {
  const parties = await createThreeParties();
  const { discovery, clock, resource: audience } = parties;
  const verifier = { discovery, identifiers, keys: nodeKeys, now: clock.now, audience };
  const verify = createTokenVerifier({ ...verifier, accepts: ['aa-person+jwt', 'aa-auth+jwt'], ...options });
  return { ...parties, verifier, verify };
}

/** What is wrong with a person token and an auth token alike. */
const common: [what: string, code: string, changes: (iat: number) => TokenChanges][] = [
  ['no kid', 'invalid_jwt', () => ({ header: { kid: undefined } })],
  ['an unknown kid', 'unknown_key', () => ({ header: { kid: 'ps-2' } })],
  ['the signature of another key', 'invalid_jwt', () => ({ key: stranger })],
  ['alg none', 'invalid_jwt', () => ({ header: { alg: 'none' } })],
  ['alg EdDSA', 'unsupported_algorithm', () => ({ header: { alg: 'EdDSA' } })],
  ['a typ that nobody issues', 'invalid_jwt', () => ({ type: 'JWT' })],
  ['the typ of a resource token', 'invalid_jwt', () => ({ type: 'aa-resource+jwt' })],
  ['the typ of an agent token', 'invalid_jwt', () => ({ type: 'aa-agent+jwt' })],
  ['no iss', 'invalid_jwt', () => ({ claims: { iss: undefined } })],
  ['a dwk of agent providers', 'invalid_jwt', () => ({ claims: { dwk: 'aauth-agent.json' } })],
  ['a dwk of resources', 'invalid_jwt', () => ({ claims: { dwk: 'aauth-resource.json' } })],
  ['no jti', 'invalid_jwt', () => ({ claims: { jti: undefined } })],
  ['an exp that is now', 'expired_jwt', (iat) => ({ claims: { iat: iat - 10, exp: iat } })],
  ['an iat ahead by more than the window', 'clock_skew', (iat) => ({ claims: { iat: iat + 61 } })],
  ['more than an hour', 'invalid_jwt', (iat) => ({ claims: { exp: iat + 3601 } })],
  ['no aud', 'invalid_jwt', () => ({ claims: { aud: undefined } })],
  ['another resource as aud', 'invalid_jwt', () => ({ claims: { aud: 'https://other.example' } })],
  ['a list as aud', 'invalid_jwt', () => ({ claims: { aud: ['https://inventory.example'] } })],
  ['no sub', 'invalid_jwt', () => ({ claims: { sub: undefined } })],
  ['an empty sub', 'invalid_jwt', () => ({ claims: { sub: '' } })],
  ['a sub with a line break', 'invalid_jwt', () => ({ claims: { sub: 'a\nb' } })],
  ['a sub of 256 characters', 'invalid_jwt', () => ({ claims: { sub: 'a'.repeat(256) } })],
  ['a sub that is a number', 'invalid_jwt', () => ({ claims: { sub: 1 } })],
  ['a mission that is no hash', 'invalid_jwt', () => ({ claims: { mission_s256: 'mission' } })],
  ['a tenant that is no text', 'invalid_jwt', () => ({ claims: { tenant: ['acme'] } })],
  ['a tenant of 256 characters', 'invalid_jwt', () => ({ claims: { tenant: 'a'.repeat(256) } })],
  ['an empty tenant', 'invalid_jwt', () => ({ claims: { tenant: '' } })],
  ['no cnf', 'invalid_jwt', () => ({ claims: { cnf: undefined } })],
  ['a cnf without alg', 'unsupported_algorithm', () => ({ claims: { cnf: { jwk: { kty: 'OKP' } } } })],
];

describe('a person token', () => {
  it('says who the person is towards the resource', async () => {
    const { verify, personToken, clock, ps, resource, agentKey } = await setUp();
    const compact = await personToken({ claims: { mission_s256: missionS256, tenant: 'acme', jti: 't-1' } });
    expect(await verify(compact)).toMatchObject({
      type: 'aa-person+jwt',
      issuer: ps,
      dwk: 'aauth-person.json',
      audience: resource,
      subject,
      missionS256,
      tenant: 'acme',
      jti: 't-1',
      issuedAt: clock.now(),
      expiresAt: clock.now() + 3600,
      key: { thumbprint: agentKey.thumbprint },
      compact,
    });
    expect(await verify(await personToken())).toMatchObject({ missionS256: undefined, tenant: undefined });
    const longest = 'a'.repeat(255);
    expect(await verify(await personToken({ claims: { sub: longest, tenant: longest } }))).toMatchObject({
      subject: longest,
      tenant: longest,
    });
  });

  const own: typeof common = [
    ['a scope', 'invalid_jwt', () => ({ claims: { scope: 'stock:read' } })],
    ['an account', 'invalid_jwt', () => ({ claims: { account: 'a' } })],
    ['the dwk of access servers', 'invalid_jwt', () => ({ claims: { dwk: 'aauth-access.json' } })],
  ];
  it.each([...common, ...own])('with %s is refused with %s', async (_, code, changes) => {
    const { verify, personToken, clock } = await setUp();
    await expect(verify(await personToken())).resolves.toBeDefined();
    await expect(personToken(changes(clock.now())).then(verify)).rejects.toMatchObject({
      name: 'SignatureError',
      code,
    });
  });

  it('is never accepted where an auth token is required', async () => {
    const { verifier, personToken, authToken } = await setUp();
    const verify = createTokenVerifier({ ...verifier, accepts: ['aa-auth+jwt'] });
    expectTypeOf(verify).returns.resolves.toEqualTypeOf<VerifiedAuthToken>();
    await expect(verify(await authToken())).resolves.toBeDefined();
    await expect(verify(await personToken())).rejects.toMatchObject({ code: 'invalid_jwt' });
    // The same claims under the other typ are refused, too: nothing names the Person Server twice in a person token.
    await expect(verify(await personToken({ type: 'aa-auth+jwt' }))).rejects.toMatchObject({ code: 'invalid_jwt' });
  });
});

describe('an auth token', () => {
  it('says what is granted', async () => {
    const { verify, authToken, ps, resource } = await setUp();
    const claims = { scope: 'stock:read stock:order', account: 'a', tenant: 'acme', agent: 'aauth:x@y.example' };
    expect(await verify(await authToken({ claims: { ...claims, mission_s256: missionS256 } }))).toMatchObject({
      type: 'aa-auth+jwt',
      issuer: ps,
      personServer: ps,
      audience: resource,
      subject,
      scope: ['stock:read', 'stock:order'],
      account: 'a',
      tenant: 'acme',
      missionS256,
    });
    expect(await verify(await authToken({ claims: { scope: undefined } }))).toMatchObject({
      scope: [],
      account: undefined,
    });
  });

  const own: typeof common = [
    ['no ps', 'invalid_jwt', () => ({ claims: { ps: undefined } })],
    ['another ps than its issuer', 'invalid_jwt', () => ({ claims: { ps: 'https://other.example' } })],
    ['a scope that is a list', 'invalid_jwt', () => ({ claims: { scope: ['stock:read'] } })],
    ['a scope with two spaces', 'invalid_jwt', () => ({ claims: { scope: 'a  b' } })],
    ['an account that is no text', 'invalid_jwt', () => ({ claims: { account: {} } })],
  ];
  it.each([...common, ...own])('with %s is refused with %s', async (_, code, changes) => {
    const { verify, authToken, clock } = await setUp();
    await expect(verify(await authToken())).resolves.toBeDefined();
    await expect(authToken(changes(clock.now())).then(verify)).rejects.toMatchObject({ name: 'SignatureError', code });
  });

  const as = server('https://as.example');
  const fromAccessServer = { claims: { iss: as, dwk: 'aauth-access.json' }, header: { kid: 'as-1' }, key: accessKey };

  it('of an access server is accepted only from the one that the resource has', async () => {
    const { verify, verifier, authToken, personToken, web } = await setUp();
    web.publishIssuer(as, 'aauth-access.json', [accessKey.publicJwk]);
    const guarded = createTokenVerifier({
      ...verifier,
      accepts: ['aa-person+jwt', 'aa-auth+jwt'],
      accessServer: { issuer: as },
    });
    expectTypeOf(guarded).returns.resolves.toEqualTypeOf<VerifiedPersonToken | VerifiedAuthToken>();
    await expect(guarded(await authToken(fromAccessServer))).resolves.toMatchObject({
      issuer: as,
      personServer: 'https://ps.example',
    });
    await expect(verify(await authToken(fromAccessServer))).rejects.toMatchObject({ code: 'invalid_jwt' });
    const other = { ...fromAccessServer, claims: { ...fromAccessServer.claims, iss: 'https://other.example' } };
    await expect(guarded(await authToken(other))).rejects.toMatchObject({ code: 'invalid_jwt' });
    // With an access server, Person Servers identify people there and grant nothing.
    await expect(guarded(await authToken())).rejects.toMatchObject({ code: 'invalid_jwt' });
    await expect(guarded(await personToken())).resolves.toMatchObject({ type: 'aa-person+jwt' });
  });
});

describe('the issuers of person and auth tokens', () => {
  it('are any, or those that are named, and strangers are not asked for their keys', async () => {
    const { personToken, authToken, verifier, web } = await setUp();
    const from = async (personServers: TokenVerifierOptions['personServers'], compact: string) =>
      createTokenVerifier({ ...verifier, accepts: ['aa-person+jwt', 'aa-auth+jwt'], personServers })(compact);
    for (const compact of [await personToken(), await authToken()]) {
      await expect(from([{ issuer: server('https://ps.example') }], compact)).resolves.toBeDefined();
      const asked = web.requests.length;
      await expect(from([{ issuer: server('https://other.example') }], compact)).rejects.toMatchObject({
        code: 'invalid_jwt',
      });
      await expect(from([], compact)).rejects.toMatchObject({ code: 'invalid_jwt' });
      await expect(from(async () => undefined, compact)).rejects.toMatchObject({ code: 'invalid_jwt' });
      expect(web.requests).toHaveLength(asked);
      await expect(from(async (issuer) => ({ issuer }), compact)).resolves.toBeDefined();
    }
  });

  it('may be named by a function that refuses with an error of its own, and says where keys are', async () => {
    const { personToken, verifier, web, psKey } = await setUp();
    web.publish('https://keys.example/ps', { body: { keys: [psKey.publicJwk] } });
    const accepts = ['aa-person+jwt'] as const;
    const pinned = createTokenVerifier({
      ...verifier,
      accepts,
      personServers: (issuer) => ({ issuer, jwksUri: 'https://keys.example/ps' }),
    });
    await pinned(await personToken());
    expect(web.requests).toEqual(['https://keys.example/ps']);
    const own = new RangeError('not today');
    const refusing = createTokenVerifier({
      ...verifier,
      accepts,
      personServers: () => {
        throw own;
      },
    });
    await expect(refusing(await personToken())).rejects.toBe(own);
  });

  it('must be the ones whose keys sign: a Person Server speaks for no agent provider and no resource', async () => {
    const { verifier, token, psKey } = await setUp();
    const verify = createTokenVerifier({
      ...verifier,
      accepts: ['aa-agent+jwt'],
      agentProviders: [{ issuer: server('https://ps.example') }],
    });
    const signedByPs = (key: SigningKey) =>
      token({ claims: { iss: 'https://ps.example', sub: 'aauth:demo@ps.example' }, key });
    await expect(signedByPs(psKey).then(verify)).rejects.toMatchObject({ code: 'temporarily_unavailable' });
  });
});

describe('a verifier of person and auth tokens', () => {
  it('cannot be made without saying who they must be for', async () => {
    const { verifier, personToken } = await setUp();
    const { audience, ...rest } = verifier;
    expect(() => createTokenVerifier({ ...rest, accepts: ['aa-person+jwt'] })).toThrow('audience');
    expect(() => createTokenVerifier({ ...rest, accepts: ['aa-agent+jwt', 'aa-auth+jwt'] })).toThrow('audience');
    const any = createTokenVerifier({ ...rest, accepts: ['aa-person+jwt'], audience: 'any' });
    expectTypeOf(any).returns.resolves.toEqualTypeOf<VerifiedPersonToken>();
    await expect(any(await personToken({ claims: { aud: 'https://other.example' } }))).resolves.toMatchObject({
      audience: 'https://other.example',
    });
    expect(audience).toBe('https://inventory.example');
  });

  it('refuses revoked ones, and knows of which type they were', async () => {
    const { verify, personToken, authToken } = await setUp({
      revoked: ({ issuer, jti }) => issuer === 'https://ps.example' && jti === 'gone',
    });
    await expect(verify(await authToken())).resolves.toBeDefined();
    await expect(verify(await authToken({ claims: { jti: 'gone' } }))).rejects.toMatchObject({
      code: 'revoked_jwt',
      tokenType: 'aa-auth+jwt',
    });
    await expect(verify(await personToken({ claims: { jti: 'gone' } }))).rejects.toMatchObject({
      code: 'revoked_jwt',
      tokenType: 'aa-person+jwt',
    });
  });
});
