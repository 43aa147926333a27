import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createTestParties } from '../../test/support/agent-provider.ts';
import { nodeKeys } from '../node/keys.ts';
import { createTokenRecheck, createTokenVerifier } from '../tokens/verify-token.ts';
import { cacheVerifiedTokens, type TokenCacheOptions } from './token-cache.ts';

const identifiers = { allowLoopback: false };

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

async function setUp(options: Partial<TokenCacheOptions> = {}) {
  const parties = await createTestParties();
  const { discovery, clock } = parties;
  const verified: string[] = [];
  const verifyToken = createTokenVerifier({
    discovery,
    identifiers,
    keys: nodeKeys,
    now: clock.now,
  });
  const verify = cacheVerifiedTokens(
    (compact) => {
      verified.push(compact);
      return verifyToken(compact);
    },
    { now: clock.now, maxEntries: 10, recheck: async () => undefined, ...options },
  );
  return { ...parties, verify, verified };
}

describe('the cache of verified tokens', () => {
  it('verifies a token once and returns the same verified token', async () => {
    const { verify, verified, token } = await setUp();
    const compact = await token();
    const first = await verify(compact);
    expect(await verify(compact)).toBe(first);
    expect(verified).toHaveLength(1);
  });

  it('knows a token by its exact text', async () => {
    const { verify, token } = await setUp();
    const compact = await token();
    await verify(compact);
    const signature = compact.slice(compact.lastIndexOf('.') + 1);
    const forged = compact.replace(
      signature,
      signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`,
    );
    await expect(verify(forged)).rejects.toMatchObject({ code: 'invalid_jwt' });
    await expect(verify(forged)).rejects.toMatchObject({ code: 'invalid_jwt' });
  });

  it('ends an entry with its token', async () => {
    const { verify, token, clock } = await setUp();
    const compact = await token({ claims: { exp: clock.now() + 10 } });
    await verify(compact);
    clock.advance(9.9);
    await expect(verify(compact)).resolves.toBeDefined();
    clock.advance(0.1);
    await expect(verify(compact)).rejects.toMatchObject({ code: 'expired_jwt' });
  });

  it('notices within minutes that the issuer has withdrawn the key', async () => {
    const { verify, verified, token, clock, web, issuer } = await setUp();
    const compact = await token();
    await verify(compact);
    web.publishIssuer(issuer, 'aauth-agent.json', []);
    clock.advance(299);
    await verify(compact);
    expect(verified).toHaveLength(1);
    clock.advance(301);
    await expect(verify(compact)).rejects.toMatchObject({ code: 'unknown_key' });
  });

  it('asks every time whether the token is still good', async () => {
    let revoked = false;
    const recheck = createTokenRecheck({ ...(await createTestParties()), identifiers, revoked: async () => revoked });
    const { verify, token } = await setUp({ recheck });
    const compact = await token();
    await verify(compact);
    await expect(verify(compact)).resolves.toBeDefined();
    revoked = true;
    await expect(verify(compact)).rejects.toMatchObject({ code: 'revoked_jwt' });
  });

  it('holds no more than it may, and forgets the one that was not used for longest', async () => {
    const { verify, verified, token } = await setUp({ maxEntries: 2 });
    const [a, b, c] = [await token(), await token(), await token()];
    for (const compact of [a, b, a, c, a, b]) await verify(compact);
    expect(verified).toEqual([a, b, c, b]);
  });

  it('does not hold on to tokens that nobody presents any more', async () => {
    const held = new Set<WeakRef<object>>();
    const { verify, token, clock } = await setUp({ maxEntries: 1000 });
    for (let agent = 0; agent < 3; agent++) held.add(new WeakRef(await verify(await token())));
    const collected = () => {
      collectGarbage();
      return [...held].filter((ref) => ref.deref() === undefined).length;
    };
    await nextTurn();
    expect(collected()).toBe(0);
    clock.advance(301);
    await verify(await token());
    await nextTurn();
    expect(collected()).toBe(3);
  });
});
