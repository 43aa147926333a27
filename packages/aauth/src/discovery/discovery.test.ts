import { describe, expect, it } from 'vitest';
import { createTestClock } from '../../test/support/clock.ts';
import { createKey } from '../../test/support/keys.ts';
import { createTestWeb } from '../../test/support/web.ts';
import { parseServerIdentifier } from '../identifiers.ts';
import { nodeKeys } from '../node/keys.ts';
import { createDiscovery, type DiscoveryOptions } from './discovery.ts';

const identifiers = { allowLoopback: true };
const issuer = parseServerIdentifier('https://ap.example', identifiers);
const dwk = 'aauth-agent.json';
const metadataUrl = 'https://ap.example/.well-known/aauth-agent.json';
const jwksUri = 'https://ap.example/.well-known/jwks.json';

async function setUp(options: Partial<DiscoveryOptions> = {}) {
  const clock = createTestClock();
  const web = createTestWeb();
  const key = await createKey('k1');
  web.publishIssuer(issuer, dwk, [key.publicJwk]);
  const discovery = createDiscovery({ fetch: web.fetch, keys: nodeKeys, now: clock.now, identifiers, ...options });
  return { clock, web, key, discovery };
}

describe('metadata', () => {
  it('is the document of the issuer, unknown members included', async () => {
    const { web, discovery } = await setUp();
    web.publish(metadataUrl, { body: { issuer, name: 'AP', logo_uri: 7, x: [1] } });
    expect(await discovery.metadata(issuer, dwk)).toMatchObject({ issuer, name: 'AP', logo_uri: 7, x: [1] });
  });

  it.each([
    ['no issuer', { name: 'AP' }, 'issuer_missing'],
    ['another issuer', { issuer: 'https://other.example' }, 'issuer_mismatch'],
    ['a trailing slash', { issuer: 'https://ap.example/' }, 'issuer_mismatch'],
    ['other case', { issuer: 'https://AP.example' }, 'issuer_mismatch'],
    ['an issuer that is no text', { issuer: ['https://ap.example'] }, 'issuer_mismatch'],
  ])('with %s is refused', async (_, body, code) => {
    const { web, discovery } = await setUp();
    await expect(createDiscovery({ fetch: web.fetch, identifiers }).metadata(issuer, dwk)).resolves.toBeDefined();
    web.publish(metadataUrl, { body });
    await expect(discovery.metadata(issuer, dwk)).rejects.toMatchObject({ name: 'SignatureError', code });
    await expect(discovery.key(issuer, dwk, 'k1')).rejects.toMatchObject({ name: 'SignatureError', code });
  });

  it.each([
    ['a page that is not found', { status: 404, body: {} }],
    ['text', { body: 'hello' }],
    ['an array', { body: [] }],
    ['more than 64 KiB', { body: { issuer, pad: 'x'.repeat(65_536) } }],
  ])('that is %s counts as unreachable', async (_, page) => {
    const { web, discovery } = await setUp();
    web.publish(metadataUrl, page);
    const error = await discovery.metadata(issuer, dwk).catch((reason) => reason);
    expect(error).toMatchObject({ name: 'UnavailableError', status: 503, headers: { 'retry-after': '5' } });
  });
});

describe('metadata, asked for again', () => {
  it('has what the server added meanwhile, once a minute has passed', async () => {
    const { clock, web, discovery } = await setUp();
    const names = async () => (await discovery.metadata(issuer, dwk, { again: true })).name;
    web.publish(metadataUrl, { body: { issuer, name: 'before' } });
    expect(await names()).toBe('before');
    web.publish(metadataUrl, { body: { issuer, name: 'after' } });
    clock.advance(59);
    expect(await names()).toBe('before');
    clock.advance(1);
    expect((await discovery.metadata(issuer, dwk)).name).toBe('before');
    expect(await names()).toBe('after');
    expect((await discovery.metadata(issuer, dwk)).name).toBe('after');
  });
});

describe('key', () => {
  it('finds a key by kid, whatever else the set holds', async () => {
    const { web, key, discovery } = await setUp();
    const others = [null, 'text', { kid: 'pq', kty: 'AKP', alg: 'ML-DSA-65' }, { kty: 'RSA' }, { kid: 7 }];
    const namesake = { kid: 'k1', kty: 'RSA', n: 'AQAB', e: 'AQAB' };
    web.publish(jwksUri, { body: { keys: [...others, namesake, key.publicJwk] } });
    expect((await discovery.key(issuer, dwk, 'k1')).thumbprint).toBe(key.thumbprint);
    await expect(discovery.key(issuer, dwk, 'pq')).rejects.toMatchObject({ code: 'unsupported_algorithm' });
  });

  it('asks for metadata and JWKS once, however many ask at once', async () => {
    const { web, discovery } = await setUp();
    const found = await Promise.all(Array.from({ length: 50 }, () => discovery.key(issuer, dwk, 'k1')));
    expect(new Set(found).size).toBe(1);
    expect(web.requests).toEqual([metadataUrl, jwksUri]);
  });

  it('asks once more for a kid it does not know, at most once a minute', async () => {
    const { clock, web, key, discovery } = await setUp();
    await discovery.key(issuer, dwk, 'k1');
    const next = await createKey('k2');
    web.publish(jwksUri, { body: { keys: [key.publicJwk, next.publicJwk] } });
    clock.advance(59);
    for (let asked = 0; asked < 20; asked++) {
      await expect(discovery.key(issuer, dwk, 'k2')).rejects.toMatchObject({ code: 'unknown_key', status: 401 });
    }
    expect(web.requests).toHaveLength(2);
    clock.advance(1);
    expect((await discovery.key(issuer, dwk, 'k2')).thumbprint).toBe(next.thumbprint);
    await expect(discovery.key(issuer, dwk, 'k3')).rejects.toMatchObject({ code: 'unknown_key' });
    expect(web.requests).toHaveLength(3);
  });

  it('W18: goes on with the keys it has while the issuer is down, for a day', async () => {
    const { clock, web, key, discovery } = await setUp();
    await discovery.key(issuer, dwk, 'k1');
    web.takeDown(metadataUrl);
    web.takeDown(jwksUri);
    clock.advance(86_399);
    expect((await discovery.key(issuer, dwk, 'k1')).thumbprint).toBe(key.thumbprint);
    await expect(discovery.key(issuer, dwk, 'k2')).rejects.toMatchObject({ code: 'unknown_key' });
    clock.advance(301);
    await expect(discovery.key(issuer, dwk, 'k1')).rejects.toMatchObject({ name: 'UnavailableError' });
  });

  it('reports an issuer it never reached as unavailable, and comes back to it', async () => {
    const { clock, web, discovery } = await setUp();
    web.takeDown(jwksUri);
    const error = await discovery.key(issuer, dwk, 'k1').catch((reason) => reason);
    expect(error).toMatchObject({ name: 'UnavailableError', status: 503, headers: { 'retry-after': '60' } });
    web.publishIssuer(issuer, dwk, [(await createKey('k1')).publicJwk]);
    await expect(discovery.key(issuer, dwk, 'k1')).rejects.toMatchObject({ name: 'UnavailableError' });
    clock.advance(60);
    await expect(discovery.key(issuer, dwk, 'k1')).resolves.toBeDefined();
  });

  it.each([
    ['on another host', 'https://keys.example/jwks.json'],
    ['on another port', 'https://ap.example:8443/jwks.json'],
    ['without https', 'http://ap.example/jwks.json'],
    ['that is no URL', '/jwks.json'],
  ])('W19: does not fetch a jwks_uri %s', async (_, uri) => {
    const { web, discovery } = await setUp();
    web.publish(metadataUrl, { body: { issuer, jwks_uri: uri } });
    await expect(discovery.key(issuer, dwk, 'k1')).rejects.toMatchObject({ name: 'UnavailableError' });
    expect(web.requests).toEqual([metadataUrl]);
  });

  it('refuses with unknown_key when the issuer publishes no keys at all', async () => {
    const { web, discovery } = await setUp();
    web.publish(metadataUrl, { body: { issuer } });
    await expect(discovery.key(issuer, dwk, 'k1')).rejects.toMatchObject({ code: 'unknown_key' });
  });

  it('takes a pinned jwks_uri as it is, without asking metadata', async () => {
    const pin = 'https://keys.example/ap.json';
    const { web, key, discovery } = await setUp({ jwksUriPins: [{ issuer, jwksUri: pin }] });
    web.publish(pin, { body: { keys: [key.publicJwk] } });
    expect((await discovery.key(issuer, dwk, 'k1')).thumbprint).toBe(key.thumbprint);
    expect(web.requests).toEqual([pin]);
  });

  it('refuses to start with a pin that is no acceptable URL', () => {
    const { fetch } = createTestWeb();
    const pinned = (uri: string) => () =>
      createDiscovery({ fetch, identifiers, jwksUriPins: [{ issuer, jwksUri: uri }] });
    expect(pinned('https://keys.example/ap.json')).not.toThrow();
    expect(pinned('http://keys.example/ap.json')).toThrow('https');
  });
});

describe('keyAfterFailure', () => {
  it('finds the key that replaced the one that failed, once a minute has passed', async () => {
    const { clock, web, discovery } = await setUp();
    const failed = await discovery.key(issuer, dwk, 'k1');
    const rekeyed = await createKey('k1');
    web.publish(jwksUri, { body: { keys: [rekeyed.publicJwk] } });
    expect(await discovery.keyAfterFailure(issuer, dwk, 'k1', failed)).toBeUndefined();
    clock.advance(60);
    const found = await discovery.keyAfterFailure(issuer, dwk, 'k1', failed);
    expect(found?.thumbprint).toBe(rekeyed.thumbprint);
  });

  it('sees no point in the same key, nor in an issuer that is down; a key that is gone is unknown', async () => {
    const { clock, web, discovery } = await setUp();
    const failed = await discovery.key(issuer, dwk, 'k1');
    clock.advance(60);
    expect(await discovery.keyAfterFailure(issuer, dwk, 'k1', failed)).toBeUndefined();
    web.takeDown(jwksUri);
    clock.advance(60);
    expect(await discovery.keyAfterFailure(issuer, dwk, 'k1', failed)).toBeUndefined();
    web.publish(jwksUri, { body: { keys: [] } });
    clock.advance(60);
    const gone = discovery.keyAfterFailure(issuer, dwk, 'k1', failed);
    await expect(gone).rejects.toMatchObject({ code: 'unknown_key' });
  });
});
