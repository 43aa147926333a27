import { inspect } from 'node:util';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { createTestParties } from '../../test/support/agent-provider.ts';
import { createKey } from '../../test/support/keys.ts';
import { parseServerIdentifier } from '../identifiers.ts';
import type { SigningKey } from '../keys/types.ts';
import { nodeKeys } from '../node/keys.ts';
import type { PresentedToken, VerifiedAgentToken } from './types.ts';
import { createTokenVerifier, type TokenVerifierOptions } from './verify-token.ts';

const strangerKey = await createKey('ap-1');

async function setUp(options: Partial<TokenVerifierOptions> = {}) {
  const parties = await createTestParties();
  const { discovery, clock } = parties;
  const identifiers = { allowLoopback: false };
  const verify = createTokenVerifier({ discovery, identifiers, keys: nodeKeys, now: clock.now, ...options });
  return { ...parties, verify };
}

describe('a token verifier', () => {
  it('returns who the token is about and the key it binds', async () => {
    const { verify, token, clock, agent, agentKey, issuer } = await setUp();
    const compact = await token({ claims: { ps: 'https://ps.example', something: 'else' } });
    expect(await verify(compact)).toMatchObject({
      type: 'aa-agent+jwt',
      alg: 'Ed25519',
      kid: 'ap-1',
      issuer,
      dwk: 'aauth-agent.json',
      issuedAt: clock.now(),
      expiresAt: clock.now() + 3600,
      agent,
      personServer: 'https://ps.example',
      parentAgent: undefined,
      claims: { something: 'else' },
      compact,
      key: { thumbprint: agentKey.thumbprint },
    });
  });

  it('is the only source of verified tokens, to the compiler too', async () => {
    const { verify, token } = await setUp();
    const verified = await verify(await token());
    expectTypeOf(verified).toEqualTypeOf<PresentedToken>();
    // @ts-expect-error what looks like a verified token is none without the mark, which nobody else can write
    const forged: VerifiedAgentToken = { ...decoy(verified) };
    expect(Object.isFrozen(verified)).toBe(true);
    expect(forged.agent).toBe('aauth:demo@ap.example');
  });

  it('accepts a token signed with ES256', async () => {
    const { verify, token, web, issuer } = await setUp();
    const key = await createKey('es-1', 'ES256');
    web.publishIssuer(issuer, 'aauth-agent.json', [key.publicJwk]);
    expect(await verify(await token({ key }))).toMatchObject({ alg: 'ES256', kid: 'es-1' });
  });

  type Changes = Parameters<Awaited<ReturnType<typeof setUp>>['token']>[0];
  const refusals: [what: string, code: string, changes: (iat: number) => Changes][] = [
    ['another typ', 'invalid_jwt', () => ({ type: 'aa-person+jwt' })],
    ['no kid', 'invalid_jwt', () => ({ header: { kid: undefined } })],
    ['an unknown kid', 'unknown_key', () => ({ header: { kid: 'ap-2' } })],
    ['the signature of another key', 'invalid_jwt', () => ({ key: strangerKey })],
    ['an alg that is not its key’s', 'invalid_jwt', () => ({ header: { alg: 'ES256' } })],
    ['alg none', 'invalid_jwt', () => ({ header: { alg: 'none' } })],
    ['alg EdDSA', 'unsupported_algorithm', () => ({ header: { alg: 'EdDSA' } })],
    ['alg HS256', 'unsupported_algorithm', () => ({ header: { alg: 'HS256' } })],
    ['no iss', 'invalid_jwt', () => ({ claims: { iss: undefined } })],
    ['an iss with a path', 'invalid_jwt', () => ({ claims: { iss: 'https://ap.example/x' } })],
    ['an iss on loopback', 'invalid_jwt', () => ({ claims: { iss: 'http://localhost:1' } })],
    ['another dwk', 'invalid_jwt', () => ({ claims: { dwk: 'aauth-person.json' } })],
    ['no jti', 'invalid_jwt', () => ({ claims: { jti: undefined } })],
    ['a jti that is a number', 'invalid_jwt', () => ({ claims: { jti: 1 } })],
    ['an iat that is text', 'invalid_jwt', (iat) => ({ claims: { iat: `${iat}` } })],
    ['no exp', 'invalid_jwt', () => ({ claims: { exp: undefined } })],
    ['an exp that is now', 'expired_jwt', (iat) => ({ claims: { iat: iat - 10, exp: iat } })],
    ['an iat ahead by more than the window', 'clock_skew', (iat) => ({ claims: { iat: iat + 61 } })],
    ['an exp before its iat', 'invalid_jwt', (iat) => ({ claims: { iat: iat + 60, exp: iat + 30 } })],
    ['more than a day', 'invalid_jwt', (iat) => ({ claims: { exp: iat + 86_401 } })],
    ['a sub that is no agent', 'invalid_jwt', () => ({ claims: { sub: 'demo' } })],
    ['an agent of another domain', 'invalid_jwt', () => ({ claims: { sub: 'aauth:demo@other.example' } })],
    ['a sub-domain’s agent', 'invalid_jwt', () => ({ claims: { sub: 'aauth:demo@x.ap.example' } })],
    ['a ps that is no server', 'invalid_jwt', () => ({ claims: { ps: 'ps.example' } })],
    ['a parent of another domain', 'invalid_jwt', () => ({ claims: { parent_agent: 'aauth:p@other.example' } })],
    ['no cnf', 'invalid_jwt', () => ({ claims: { cnf: undefined } })],
    ['a cnf without jwk', 'invalid_jwt', () => ({ claims: { cnf: { jkt: 'x' } } })],
    ['a cnf without alg', 'unsupported_algorithm', () => ({ claims: { cnf: { jwk: { kty: 'OKP' } } } })],
    [
      'a cnf of another curve than its alg',
      'invalid_key',
      () => ({ claims: { cnf: { jwk: { ...strangerKey.publicJwk, alg: 'ES256' } } } }),
    ],
  ];
  it.each(refusals)('W18: refuses %s with %s and keeps the token to itself', async (_, code, changes) => {
    const { verify, token, clock } = await setUp();
    await expect(verify(await token())).resolves.toBeDefined();
    const compact = await token(changes(clock.now()));
    const error = await verify(compact).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'SignatureError', code });
    expect(inspect(error, { depth: 9 })).not.toContain(compact.slice(compact.lastIndexOf('.')));
  });

  it('takes exp without leeway and iat with the window', async () => {
    const { verify, token, clock } = await setUp();
    const compact = await token();
    clock.advance(3599.9);
    await expect(verify(compact)).resolves.toBeDefined();
    clock.advance(0.1);
    await expect(verify(compact)).rejects.toMatchObject({ code: 'expired_jwt' });
    const time = clock.now();
    await expect(token({ claims: { iat: time + 60, exp: time + 99 } }).then(verify)).resolves.toBeDefined();
  });

  it('asks the issuer once more when a signature fails, and accepts the key it publishes by then', async () => {
    const { verify, token, clock, web, issuer } = await setUp();
    await verify(await token());
    const rotated: SigningKey = await createKey('ap-1');
    web.publishIssuer(issuer, 'aauth-agent.json', [rotated.publicJwk]);
    clock.advance(61);
    await expect(verify(await token({ key: rotated }))).resolves.toMatchObject({ kid: 'ap-1' });
    await expect(verify(await token())).rejects.toMatchObject({ code: 'invalid_jwt' });
  });

  it('refuses with unknown_key when that key is gone by then', async () => {
    const { verify, token, clock, web, issuer } = await setUp();
    await verify(await token());
    web.publishIssuer(issuer, 'aauth-agent.json', []);
    clock.advance(61);
    await expect(verify(await token({ key: await createKey('ap-1') }))).rejects.toMatchObject({ code: 'unknown_key' });
  });

  it('W17: accepts tokens of pinned agent providers only, whatever agent another one names', async () => {
    const { verify, token, issuer } = await setUp({
      agentProviders: [{ issuer: parseServerIdentifier('https://ap.example', { allowLoopback: false }) }],
    });
    await expect(verify(await token())).resolves.toMatchObject({ issuer });
    const stranger = await createTestParties('https://evil.example');
    const both = await setUp({ discovery: stranger.discovery, now: stranger.clock.now });
    await expect(both.verify(await stranger.token())).resolves.toMatchObject({ issuer: 'https://evil.example' });
    const refused = await verify(await stranger.token()).catch((error) => error);
    expect(refused).toMatchObject({ code: 'invalid_jwt', cause: { claim: 'iss', received: 'https://evil.example' } });
    const spoofed = stranger.token({ claims: { sub: 'aauth:demo@ap.example' } });
    await expect(spoofed.then(both.verify)).rejects.toMatchObject({ code: 'invalid_jwt', cause: { claim: 'sub' } });
  });

  it('accepts nobody’s tokens when the list of agent providers is empty', async () => {
    const { verify, token } = await setUp({ agentProviders: [] });
    await expect(verify(await token())).rejects.toMatchObject({ code: 'invalid_jwt' });
  });

  it('takes the keys of a pinned agent provider from where the pin says', async () => {
    const jwksUri = 'https://keys.example/ap';
    const issuer = parseServerIdentifier('https://ap.example', { allowLoopback: false });
    const { verify, token, web, issuerKey } = await setUp({ agentProviders: [{ issuer, jwksUri }] });
    web.publish(jwksUri, { body: { keys: [issuerKey.publicJwk] } });
    await verify(await token());
    expect(web.requests).toEqual([jwksUri]);
  });

  it('refuses a revoked token', async () => {
    const revokedTokens = new Set<string>();
    const { verify, token, issuer } = await setUp({
      revoked: ({ issuer, jti }) => revokedTokens.has(`${issuer} ${jti}`),
    });
    const compact = await token({ claims: { jti: 'one' } });
    await expect(verify(compact)).resolves.toBeDefined();
    revokedTokens.add(`${issuer} one`);
    await expect(verify(compact)).rejects.toMatchObject({ code: 'revoked_jwt' });
    await expect(verify(await token({ claims: { jti: 'other' } }))).resolves.toBeDefined();
  });
});

function decoy(token: PresentedToken): Pick<VerifiedAgentToken, 'agent' | 'type'> {
  if (token.type !== 'aa-agent+jwt') throw new TypeError('not an agent token');
  return { agent: token.agent, type: token.type };
}
