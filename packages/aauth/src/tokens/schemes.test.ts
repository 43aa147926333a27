import { describe, expect, it } from 'vitest';
import { createTestParties } from '../../test/support/agent-provider.ts';
import { createKey } from '../../test/support/keys.ts';
import { parseServerIdentifier } from '../identifiers.ts';
import { nodeKeys } from '../node/keys.ts';
import { jwksUriScheme, jwtScheme } from './schemes.ts';
import { createTokenVerifier } from './verify-token.ts';

const identifiers = { allowLoopback: false };
const ps = parseServerIdentifier('https://ps.example', identifiers);
const member = (scheme: string, parameters: Record<string, string>) => ({
  label: 'sig',
  scheme,
  parameters: new Map(Object.entries(parameters)),
});

describe('the jwt scheme', () => {
  it('resolves to the key that the token binds', async () => {
    const { discovery, clock, token, agentKey } = await createTestParties();
    const verifyToken = createTokenVerifier({ discovery, identifiers, keys: nodeKeys, now: clock.now });
    const resolved = await jwtScheme({ verifyToken })(member('jwt', { jwt: await token() }));
    expect(resolved.key.thumbprint).toBe(agentKey.thumbprint);
    expect(resolved.identity).toMatchObject({ scheme: 'jwt', token: { agent: 'aauth:demo@ap.example' } });
    await expect(async () => jwtScheme({ verifyToken })(member('jwt', {}))).rejects.toMatchObject({
      code: 'invalid_jwt',
    });
  });
});

describe('the jwks_uri scheme', () => {
  async function setUp() {
    const { discovery, web, clock } = await createTestParties();
    const key = await createKey('ps-1');
    web.publishIssuer(ps, 'aauth-person.json', [key.publicJwk]);
    return { discovery, web, clock, key };
  }
  const parameters = { id: ps, dwk: 'aauth-person.json', kid: 'ps-1' };

  it('resolves to the key that the server publishes, and to the one it publishes later', async () => {
    const { discovery, web, clock, key } = await setUp();
    const resolved = await jwksUriScheme({ discovery, identifiers })(member('jwks_uri', parameters));
    expect(resolved.key.thumbprint).toBe(key.thumbprint);
    expect(resolved.identity).toEqual({ scheme: 'jwks_uri', server: ps, dwk: 'aauth-person.json', kid: 'ps-1' });
    const rotated = await createKey('ps-1');
    web.publishIssuer(ps, 'aauth-person.json', [rotated.publicJwk]);
    expect(await resolved.keyAfterFailure?.()).toBeUndefined();
    clock.advance(61);
    expect((await resolved.keyAfterFailure?.())?.thumbprint).toBe(rotated.thumbprint);
  });

  it.each([
    ['no id', 'invalid_key', { ...parameters, id: '' }],
    ['no dwk', 'invalid_key', { ...parameters, dwk: '' }],
    ['no kid', 'invalid_key', { ...parameters, kid: '' }],
    ['an id that is no server identifier', 'invalid_key', { ...parameters, id: 'https://ps.example/' }],
    ['a loopback id', 'invalid_key', { ...parameters, id: 'http://ps.localhost:1' }],
    ['an unknown dwk', 'invalid_key', { ...parameters, dwk: '../jwks.json' }],
    ['an unknown kid', 'unknown_key', { ...parameters, kid: 'ps-2' }],
  ])('refuses %s with %s', async (_, code, changed) => {
    const { discovery } = await setUp();
    const resolve = jwksUriScheme({ discovery, identifiers });
    await expect(resolve(member('jwks_uri', parameters))).resolves.toBeDefined();
    await expect(async () => resolve(member('jwks_uri', changed))).rejects.toMatchObject({ code });
  });

  it('lets only the servers in that are accepted, in the role they are accepted in', async () => {
    const { discovery, web } = await setUp();
    const resolve = (accepted: Parameters<typeof jwksUriScheme>[0]['accepted']) =>
      jwksUriScheme({ discovery, identifiers, accepted })(member('jwks_uri', parameters));
    await expect(resolve([{ issuer: ps }])).resolves.toBeDefined();
    await expect(resolve([{ issuer: ps, dwk: 'aauth-person.json' }])).resolves.toBeDefined();
    const asked = web.requests.length;
    await expect(async () => resolve([{ issuer: ps, dwk: 'aauth-access.json' }])).rejects.toMatchObject({
      code: 'invalid_key',
    });
    await expect(async () => resolve([])).rejects.toMatchObject({ code: 'invalid_key' });
    expect(web.requests).toHaveLength(asked);
  });
});
