import { describe, expect, it } from 'vitest';
import { createKey } from '../../test/support/keys.ts';
import { createThreeParties, subject, type TokenChanges } from '../../test/support/three-parties.ts';
import { nodeKeys } from '../node/keys.ts';
import { createResourceTokenVerifier, type ResourceTokenVerifierOptions } from './verify-resource-token.ts';

const identifiers = { allowLoopback: false };
const stranger = await createKey('rs-1');
const missionS256 = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

async function setUp(options: Partial<ResourceTokenVerifierOptions> = {}) {
  const parties = await createThreeParties();
  const { discovery, clock } = parties;
  const verify = createResourceTokenVerifier({ discovery, identifiers, keys: nodeKeys, now: clock.now, ...options });
  return { ...parties, verify };
}

describe('a resource token', () => {
  it('says for whom, for which key and for what', async () => {
    const { verify, resourceToken, ps, resource, agentKey, clock } = await setUp();
    const compact = await resourceToken({
      claims: {
        account: 'a@b.example',
        mission_s256: missionS256,
        tenant: 'acme',
        interaction: { url: 'https://inventory.example/connect', code: 'A1B2-C3D4', more: 1 },
        login_hint: 'somebody',
        r3_uri: 'ignored',
      },
    });
    expect(await verify(compact)).toMatchObject({
      type: 'aa-resource+jwt',
      issuer: resource,
      audience: ps,
      personServer: ps,
      subject,
      presentedJti: 'presented-1',
      agentJkt: agentKey.thumbprint,
      scope: ['stock:read', 'stock:order'],
      account: 'a@b.example',
      missionS256,
      tenant: 'acme',
      interaction: { url: 'https://inventory.example/connect', code: 'A1B2-C3D4' },
      loginHint: 'somebody',
      expiresAt: clock.now() + 300,
      compact,
    });
    expect(await verify(await resourceToken({ claims: { scope: undefined } }))).toMatchObject({
      scope: [],
      account: undefined,
      interaction: undefined,
    });
  });

  const refusals: [what: string, code: string, changes: (iat: number) => TokenChanges][] = [
    ['another typ', 'invalid_jwt', () => ({ type: 'aa-auth+jwt' })],
    ['the signature of another key', 'invalid_jwt', () => ({ key: stranger })],
    ['an unknown kid', 'unknown_key', () => ({ header: { kid: 'rs-2' } })],
    ['alg none', 'invalid_jwt', () => ({ header: { alg: 'none' } })],
    ['the dwk of a Person Server', 'invalid_jwt', () => ({ claims: { dwk: 'aauth-person.json' } })],
    ['an exp that is now', 'expired_jwt', (iat) => ({ claims: { iat: iat - 10, exp: iat } })],
    ['an iat far ahead', 'clock_skew', (iat) => ({ claims: { iat: iat + 61, exp: iat + 100 } })],
    ['more than five minutes', 'invalid_jwt', (iat) => ({ claims: { exp: iat + 301 } })],
    ['no aud', 'invalid_jwt', () => ({ claims: { aud: undefined } })],
    ['an aud on loopback', 'invalid_jwt', () => ({ claims: { aud: 'http://ps.localhost:1' } })],
    ['no ps', 'invalid_jwt', () => ({ claims: { ps: undefined } })],
    ['no sub', 'invalid_jwt', () => ({ claims: { sub: undefined } })],
    ['no presented_jti', 'invalid_jwt', () => ({ claims: { presented_jti: undefined } })],
    ['no agent_jkt', 'invalid_jwt', () => ({ claims: { agent_jkt: undefined } })],
    ['an agent_jkt that is no thumbprint', 'invalid_jwt', () => ({ claims: { agent_jkt: 'agent' } })],
    ['a scope that is no text', 'invalid_jwt', () => ({ claims: { scope: 1 } })],
    ['an interaction without code', 'invalid_jwt', () => ({ claims: { interaction: { url: 'https://x.example' } } })],
    [
      'an interaction over http',
      'invalid_jwt',
      () => ({ claims: { interaction: { url: 'http://x.example', code: 'A' } } }),
    ],
    [
      'an interaction that is a script',
      'invalid_jwt',
      () => ({ claims: { interaction: { url: 'javascript:1', code: 'A' } } }),
    ],
    ['an interaction that is text', 'invalid_jwt', () => ({ claims: { interaction: 'https://x.example' } })],
    ['a mission that is no hash', 'invalid_jwt', () => ({ claims: { mission_s256: 'x' } })],
  ];
  it.each(refusals)('with %s is refused with %s', async (_, code, changes) => {
    const { verify, resourceToken, clock } = await setUp();
    await expect(verify(await resourceToken())).resolves.toBeDefined();
    await expect(resourceToken(changes(clock.now())).then(verify)).rejects.toMatchObject({
      name: 'SignatureError',
      code,
    });
  });

  it('of a resource whose metadata lies is refused', async () => {
    const { verify, resourceToken, web, resource } = await setUp();
    const jwks_uri = `${resource}/.well-known/jwks.json`;
    web.publish(`${resource}/.well-known/aauth-resource.json`, { body: { issuer: 'https://bank.example', jwks_uri } });
    await expect(resourceToken().then(verify)).rejects.toMatchObject({ code: 'issuer_mismatch' });
  });

  it('is accepted from named resources only, where they are named, and not when it is revoked', async () => {
    const { verify, resourceToken, resource } = await setUp({ revoked: ({ jti }) => jti === 'gone' });
    await expect(verify(await resourceToken())).resolves.toBeDefined();
    await expect(verify(await resourceToken({ claims: { jti: 'gone' } }))).rejects.toMatchObject({
      code: 'revoked_jwt',
    });
    const named = await setUp({ resources: [{ issuer: resource }] });
    await expect(named.verify(await named.resourceToken())).resolves.toBeDefined();
    const none = await setUp({ resources: [] });
    await expect(none.verify(await none.resourceToken())).rejects.toMatchObject({ code: 'invalid_jwt' });
  });
});
