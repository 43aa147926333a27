import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startChallengingServer } from '../../test/support/challenging-server.ts';
import { createTestClock } from '../../test/support/clock.ts';
import { startIssuer } from '../../test/support/issuer-server.ts';
import { createKey } from '../../test/support/keys.ts';
import type { TestResponse } from '../../test/support/requests.ts';
import { createThreeParties } from '../../test/support/three-parties.ts';
import { PolicyError } from '../errors.ts';
import { parseServerIdentifier } from '../identifiers.ts';
import { jwksUriSignatureKey, messageFromRequest, signMessage } from '../signatures/index.ts';
import { createRevocationEndpoint, parseRevocationRequest } from './revocation.ts';
import { createRevocationStore, type Revocation } from './revocation-store.ts';

type Parties = Awaited<ReturnType<typeof startChallengingServer>>;

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

describe('a revocation endpoint', () => {
  it('takes back a token of whoever signs, as often as it is told, with an empty 200', async () => {
    const { ps, ap, revokeAs, revocations, clock } = await startChallengingServer();
    const body = { jti: 'never seen', exp: clock.now() + 100 };
    const first = await revokeAs(ps, body);
    expect(first).toMatchObject({ status: 200, body: '', headers: { 'cache-control': 'no-store' } });
    expect((await revokeAs(ps, body)).status).toBe(200);
    expect(revocations.isRevoked({ issuer: ps.identifier, jti: 'never seen' })).toBe(true);
    expect(revocations.isRevoked({ issuer: ap.identifier, jti: 'never seen' })).toBe(false);
  });

  it('lets nobody take back what another one issued', async () => {
    const { ap, ps, revokeAs, present, authToken, clock } = await startChallengingServer();
    const token = await authToken({ claims: { jti: 'auth-1' } });
    const body = { jti: 'auth-1', exp: clock.now() + 3600, iss: ps.identifier };
    expect((await revokeAs(ap, body)).status).toBe(200);
    expect((await present(token)).status).toBe(200);
    expect((await revokeAs(ps, body)).status).toBe(200);
    expect((await present(token)).status).toBe(401);
  });

  const unacceptable: [what: string, status: number, error: string, send: (p: Parties) => Promise<TestResponse>][] = [
    ['not signed', 401, 'invalid_signature', (p) => p.send({ method: 'POST', target: '/revoke', body: '{}' }, {})],
    [
      'signed with an agent’s token',
      401,
      'unsupported_scheme',
      (p) => p.present(p.agentToken(), { method: 'POST', target: '/revoke', body: '{}' }),
    ],
    [
      'signed with another key',
      401,
      'invalid_signature',
      async (p) => p.revokeAs(p.ps, { jti: 'a', exp: 1 }, { key: await createKey() }),
    ],
    [
      'signed in another role',
      403,
      'unsupported_iss',
      (p) => p.revokeAs(p.ps, { jti: 'a', exp: 1 }, { dwk: 'aauth-agent.json' }),
    ],
    [
      'signed long ago',
      401,
      'invalid_signature',
      (p) => p.revokeAs(p.ps, { jti: 'a', exp: 1 }, { created: p.clock.now() - 61 }),
    ],
    ['not JSON', 400, 'invalid_request', (p) => p.revokeAs(p.ps, 'jti=a')],
    ['without jti', 400, 'invalid_request', (p) => p.revokeAs(p.ps, { exp: 1 })],
    ['without exp', 400, 'invalid_request', (p) => p.revokeAs(p.ps, { jti: 'a' })],
  ];
  it.each(unacceptable)('refuses a request that is %s with %s %s', async (_, status, error, send) => {
    const parties = await startChallengingServer();
    expect((await parties.revokeAs(parties.ps, { jti: 'a', exp: parties.clock.now() })).status).toBe(200);
    const response = await send(parties);
    expect(response).toMatchObject({ status, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(response.body)).toMatchObject({ error });
    expect(response.headers).not.toHaveProperty('aauth-requirement');
    if (status !== 401) expect(response.headers).not.toHaveProperty('signature-error');
  });

  it('refuses a body that the signature does not cover', async () => {
    const parties = await startChallengingServer();
    const { ps, clock } = parties;
    const body = JSON.stringify({ jti: 'a', exp: clock.now() + 10 });
    const signatureKey = jwksUriSignatureKey({ id: ps.identifier, dwk: 'aauth-person.json', kid: 'ps-1' });
    const bare = { method: 'POST', target: '/revoke' };
    const headers = await parties.sign(bare, { key: ps.key, signatureKey });
    const response = await parties.send({ ...bare, body }, { ...headers, 'content-type': 'application/json' });
    expect(response).toMatchObject({ status: 401 });
    expect(response.headers['signature-error']).toMatch(/^error=invalid_input, required_input=.*"content-digest"/);
    expect(parties.revocations.isRevoked({ issuer: ps.identifier, jti: 'a' })).toBe(false);
  });

  it('refuses strangers with 403 unsupported_iss before it fetches anything of them', async () => {
    const parties = await startChallengingServer();
    const stranger = await startIssuer('stranger', 'aauth-person.json');
    const response = await parties.revokeAs(stranger, { jti: 'a', exp: parties.clock.now() });
    expect(response).toMatchObject({ status: 403 });
    expect(JSON.parse(response.body)).toMatchObject({ error: 'unsupported_iss' });
    expect(stranger.asked).toEqual([]);
  });
});

describe('a revocation endpoint in a process of its own', () => {
  async function setUp(options: Partial<Parameters<typeof createRevocationEndpoint>[0]> = {}) {
    const { discovery, clock, ps, psKey } = await createThreeParties();
    const identifiers = { allowLoopback: false };
    const identifier = parseServerIdentifier('https://inventory.example', identifiers);
    const kept: Revocation[] = [];
    const store = { revoke: (revocation: Revocation) => void kept.push(revocation), isRevoked: () => false };
    const common = { discovery, identifiers, identifier, now: clock.now };
    const handle = createRevocationEndpoint({ ...common, accepted: [{ issuer: ps }], store, ...options });
    async function send(members: object, created = clock.now()) {
      const body = encode(members);
      const headers = { 'content-type': 'application/json' };
      const request = new Request(`${identifier}/revoke`, { method: 'POST', body, headers });
      const signatureKey = jwksUriSignatureKey({ id: ps, dwk: 'aauth-person.json', kid: 'ps-1' });
      const signature = await signMessage(messageFromRequest(request), { key: psKey, signatureKey, body, created });
      for (const [name, value] of Object.entries(signature)) request.headers.set(name, value);
      return handle(request);
    }
    return { send, kept, clock, ps };
  }

  it('keeps a revocation until the token is too old in every case, and no longer than any token can live', async () => {
    const { send, kept, clock, ps } = await setUp();
    const now = clock.now();
    for (const exp of [now + 100, now - 100, 1e12]) expect((await send({ jti: `${exp}`, exp })).status).toBe(200);
    const common = { issuer: ps, dwk: 'aauth-person.json' };
    expect(kept).toEqual([
      { ...common, jti: `${now + 100}`, expiresAt: now + 160 },
      { ...common, jti: `${now - 100}`, expiresAt: now - 40 },
      { ...common, jti: '1000000000000', expiresAt: now + 86_460 },
    ]);
  });

  it('accepts a byte-identical repeat', async () => {
    const { send, kept, clock } = await setUp();
    const created = clock.now();
    const body = { jti: 'a', exp: created + 10 };
    expect((await send(body, created)).status).toBe(200);
    expect((await send(body, created)).status).toBe(200);
    expect(kept).toHaveLength(2);
  });

  it('asks a function who is accepted, where the list changes, which may refuse in words of its own', async () => {
    let accepted = true;
    const { send, ps } = await setUp({
      accepted: async (issuer, dwk) => {
        if (!accepted) throw new PolicyError('unsupported_iss', 'No longer trusted.');
        return issuer === ps ? { issuer, dwk } : undefined;
      },
    });
    expect((await send({ jti: 'a', exp: 1 })).status).toBe(200);
    accepted = false;
    const refused = await send({ jti: 'a', exp: 1 });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ error: 'unsupported_iss', detail: 'No longer trusted.' });
  });

  it('answers 429 with Retry-After when the store is full, and throws what is nobody’s refusal', async () => {
    const { clock } = await setUp();
    const { send } = await setUp({ store: createRevocationStore({ now: clock.now, maxPerIssuer: 1 }) });
    expect((await send({ jti: 'a', exp: clock.now() + 10 })).status).toBe(200);
    const full = await send({ jti: 'b', exp: clock.now() + 10 });
    expect([full.status, full.headers.get('retry-after')]).toEqual([429, '70']);
    expect(await full.json()).toMatchObject({ error: 'rate_limited' });
    const broken = await setUp({
      store: {
        isRevoked: () => false,
        revoke: () => {
          throw new RangeError('the database is gone');
        },
      },
    });
    await expect(broken.send({ jti: 'a', exp: 1 })).rejects.toThrow(RangeError);
  });
});

describe('the body of a revocation', () => {
  it.each([
    [
      { jti: 'a', exp: 1.5, more: {} },
      { jti: 'a', exp: 1.5 },
    ],
    [
      { jti: 'x'.repeat(1024), exp: 0 },
      { jti: 'x'.repeat(1024), exp: 0 },
    ],
  ])('is read', (body, read) => {
    expect(parseRevocationRequest(encode(body))).toEqual(read);
  });

  it.each([
    {},
    { jti: '', exp: 1 },
    { jti: 1, exp: 1 },
    { jti: 'x'.repeat(1025), exp: 1 },
    { jti: 'a', exp: '1' },
    { jti: 'a', exp: -1 },
    [],
    null,
    'a',
  ])('is refused as %j', (body) => {
    expect(() => parseRevocationRequest(encode(body))).toThrow(
      expect.objectContaining({ code: 'invalid_request', status: 400 }),
    );
  });

  it('is refused when it says for ever', () => {
    const endless = new TextEncoder().encode('{"jti":"a","exp":1e999}');
    expect(() => parseRevocationRequest(endless)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });

  it('is read or refused with invalid_request, whatever it is', () => {
    const body = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => new TextEncoder().encode(text)),
      fc.record({ jti: fc.jsonValue(), exp: fc.jsonValue() }).map(encode),
    );
    fc.assert(
      fc.property(body, (bytes) => {
        try {
          const { jti, exp } = parseRevocationRequest(bytes);
          expect(jti.length).toBeGreaterThan(0);
          expect(Number.isFinite(exp)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_request' });
        }
      }),
    );
    expect(() => parseRevocationRequest(undefined)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});

describe('the store of revocations', () => {
  const issuer = (name: string) => parseServerIdentifier(name, { allowLoopback: false });
  const [one, other] = [issuer('https://one.example'), issuer('https://other.example')];
  const dwk = 'aauth-person.json';

  it('forgets what has expired before it refuses, and one issuer cannot crowd out another', () => {
    const clock = createTestClock();
    const store = createRevocationStore({ now: clock.now, maxPerIssuer: 2 });
    const revoke = (jti: string, seconds: number, by = one) =>
      store.revoke({ issuer: by, dwk, jti, expiresAt: clock.now() + seconds });
    revoke('a', 10);
    revoke('b', 20);
    revoke('b', 5);
    expect(() => revoke('c', 30)).toThrow(
      expect.objectContaining({ code: 'rate_limited', status: 429, retryAfter: 10 }),
    );
    revoke('c', 30, other);
    clock.advance(10);
    revoke('c', 30);
    expect(['a', 'b', 'c'].map((jti) => store.isRevoked({ issuer: one, jti }))).toEqual([false, true, true]);
    expect(store.isRevoked({ issuer: other, jti: 'a' })).toBe(false);
  });
});
