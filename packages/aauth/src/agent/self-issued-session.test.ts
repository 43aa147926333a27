import { describe, expect, it } from 'vitest';
import { createTestClock } from '../../test/support/clock.ts';
import { createKey } from '../../test/support/keys.ts';
import { createTestWeb } from '../../test/support/web.ts';
import { createDiscovery } from '../discovery/discovery.ts';
import { parseServerIdentifier } from '../identifiers.ts';
import { nodeKeys } from '../node/keys.ts';
import { createTokenVerifier } from '../tokens/verify-token.ts';
import { createSelfIssuedSession, type SelfIssuedSessionOptions } from './self-issued-session.ts';

const identifiers = { allowLoopback: false };
const issuer = parseServerIdentifier('https://shop.example', identifiers);
const personServer = parseServerIdentifier('https://ps.example', identifiers);

async function setUp(options: Partial<SelfIssuedSessionOptions> = {}) {
  const clock = createTestClock();
  const key = await createKey('shop-1');
  const jwksUri = new URL('https://shop.example/.well-known/aauth-agent-jwks.json');
  const session = createSelfIssuedSession({
    issuer,
    key,
    agentLocal: 'shop',
    jwksUri,
    now: clock.now,
    ...options,
  });
  return { clock, key, jwksUri, session };
}

describe('a self-issued session', () => {
  it('publishes what verifies its tokens, and one key for both', async () => {
    const { clock, key, session, jwksUri } = await setUp({ name: 'The shop', personServer });
    const web = createTestWeb();
    web.publish('https://shop.example/.well-known/aauth-agent.json', { body: session.metadata });
    web.publish(jwksUri.href, { body: session.jwks });
    const discovery = createDiscovery({ fetch: web.fetch, identifiers, keys: nodeKeys, now: clock.now });
    const verify = createTokenVerifier({ discovery, identifiers, keys: nodeKeys, now: clock.now });
    const credentials = await session.credentials();
    const token = await verify(credentials.token);
    expect(token).toMatchObject({ agent: 'aauth:shop@shop.example', issuer, personServer });
    expect(token.key.thumbprint).toBe(key.thumbprint);
    expect(credentials).toMatchObject({ key, agent: token.agent, expiresAt: token.expiresAt, claims: token.claims });
    expect(session.metadata).toEqual({ issuer, jwks_uri: jwksUri.href, name: 'The shop' });
    expect(JSON.stringify(session.jwks)).not.toContain('"d"');
  });

  it('publishes where people come back to', async () => {
    const { session } = await setUp({ callbackEndpoint: new URL('/back', issuer) });
    expect(session.metadata).toMatchObject({ callback_endpoint: `${issuer}/back` });
  });

  it('keeps its token until five minutes are left, and issues one for all who ask then', async () => {
    const { clock, session } = await setUp();
    const first = await session.credentials();
    clock.advance(3299);
    expect(await session.credentials()).toBe(first);
    clock.advance(1);
    const renewed = await Promise.all(Array.from({ length: 50 }, () => session.credentials()));
    expect(new Set(renewed).size).toBe(1);
    expect(renewed[0]).not.toBe(first);
    expect(renewed[0]?.key).toBe(first.key);
  });

  it('replaces a token that was refused, once for all who say so', async () => {
    const { session } = await setUp();
    const first = await session.credentials();
    const refused = { token: first.token, code: 'revoked_jwt' } as const;
    const [second, third] = await Promise.all([session.credentials({ refused }), session.credentials({ refused })]);
    expect(second?.token).not.toBe(first.token);
    expect(third).toBe(second);
    expect(await session.credentials({ refused })).toBe(second);
  });

  it('recovers from a key that failed', async () => {
    const key = await createKey('shop-1');
    let failures = 1;
    const { session } = await setUp({
      key: {
        ...key,
        sign: (data) => {
          if (failures-- > 0) throw new Error('The key is locked.');
          return key.sign(data);
        },
      },
    });
    await expect(session.credentials()).rejects.toThrow('The key is locked.');
    expect((await session.credentials()).agent).toBe('aauth:shop@shop.example');
  });

  it.each<
    [
      string,
      (
        setup: Partial<SelfIssuedSessionOptions>,
      ) => Partial<SelfIssuedSessionOptions> | Promise<Partial<SelfIssuedSessionOptions>>,
    ]
  >([
    ['a key without kid', async () => ({ key: await createKey() })],
    ['a lifetime that is over before it is renewed', () => ({ lifetime: 300 })],
    ['a lifetime above a day', () => ({ lifetime: 86_401 })],
    ['a lifetime in parts of a second', () => ({ lifetime: 3600.5 })],
  ])('refuses %s', async (_, options) => {
    await expect(setUp(await options({}))).rejects.toThrow(TypeError);
  });

  it('refuses a name that makes no agent identifier', async () => {
    await expect(setUp({ agentLocal: 'the shop' })).rejects.toMatchObject({ name: 'IdentifierError' });
  });
});
