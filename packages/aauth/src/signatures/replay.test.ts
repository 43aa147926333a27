import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newKey, signedAt, signedRequest, verify } from '../../test/signed-request.ts';
import { UnavailableError } from '../errors.ts';
import { createReplayCache, isReplayChecked, replayExpiry, replayId } from './replay.ts';

describe('createReplayCache', () => {
  test('W18: claims a signature once, until it is too old to be accepted', () => {
    let time = signedAt;
    const cache = createReplayCache({ now: () => time });
    expect(cache.claim('a', signedAt + 60)).toBe(true);
    expect(cache.claim('a', signedAt + 60)).toBe(false);
    expect(cache.claim('b', signedAt + 60)).toBe(true);
    time = signedAt + 60;
    expect(cache.claim('a', signedAt + 60)).toBe(false);
    time = signedAt + 62;
    expect(cache.claim('a', signedAt + 122)).toBe(true);
  });

  test('full of signatures that could still be replayed, it refuses instead of forgetting', () => {
    let time = signedAt;
    const cache = createReplayCache({ maxEntries: 2, now: () => time });
    expect(cache.claim('a', signedAt + 10)).toBe(true);
    expect(cache.claim('b', signedAt + 60)).toBe(true);
    expect(cache.claim('a', signedAt + 10)).toBe(false);
    const refused = () => cache.claim('c', signedAt + 60);
    expect(refused).toThrow(UnavailableError);
    expect(refused).toThrow(expect.objectContaining({ status: 503, headers: { 'retry-after': '11' } }));
    time = signedAt + 11;
    expect(cache.claim('c', signedAt + 60)).toBe(true);
    expect(cache.claim('b', signedAt + 60)).toBe(false);
    expect(() => cache.claim('d', signedAt + 60)).toThrow(UnavailableError);
  });

  test('never says yes twice to a signature that has not expired, and stays within its bound', () => {
    const step = fc.record({
      id: fc.nat(9),
      lifetime: fc.integer({ min: 0, max: 120 }),
      wait: fc.double({ min: 0, max: 30, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let time = signedAt;
        const cache = createReplayCache({ maxEntries: 5, now: () => time });
        const claimed = new Map<number, number>();
        for (const { id, lifetime, wait } of steps) {
          time += wait;
          const alive = (claimed.get(id) ?? 0) >= time;
          try {
            const first = cache.claim(String(id), time + lifetime);
            if (alive) expect(first).toBe(false);
            if (first) claimed.set(id, time + lifetime);
          } catch (error) {
            expect(error).toBeInstanceOf(UnavailableError);
            expect(alive).toBe(false);
          }
          expect([...claimed.values()].filter((expiry) => expiry >= time).length).toBeLessThanOrEqual(5);
        }
      }),
    );
  });
});

describe('what is checked', () => {
  test('a repeat has the id of the first; a request signed a second later has another', async () => {
    const key = await newKey();
    const first = await verify(await signedRequest({ key }));
    expect(replayId(await verify(await signedRequest({ key })))).toBe(replayId(first));
    expect(replayId(await verify(await signedRequest({ key, created: signedAt + 1 })))).not.toBe(replayId(first));
    expect(replayId(await verify(await signedRequest()))).not.toBe(replayId(first));
  });

  test('ES256: the other form of the same signature has the same id', async () => {
    const message = await signedRequest({ key: await newKey('ES256') });
    const first = await verify(message);
    message.headers.set('signature', `sig=:${Buffer.from(negateS(first.signature)).toString('base64')}:`);
    const second = await verify(message);
    expect(second.signature).not.toEqual(first.signature);
    expect(replayId(second)).toBe(replayId(first));
  });

  test('expiry is when the signature stops being accepted', async () => {
    expect(replayExpiry(await verify(await signedRequest()))).toBe(signedAt + 60);
    expect(replayExpiry(await verify(await signedRequest(), { window: 90 }), 90)).toBe(signedAt + 90);
    expect(replayExpiry(await verify(await signedRequest({ expires: signedAt + 20 })))).toBe(signedAt + 20);
  });

  test.each([
    ['POST with a covered body', 'POST', {}, {}, true],
    ['POST whose covered body follows', 'POST', {}, { body: 'deferred' as const }, true],
    ['POST without a body', 'POST', { body: undefined }, { body: undefined }, true],
    ['DELETE without a body', 'DELETE', { body: undefined }, { body: undefined }, true],
    ['POST with a body that is not covered', 'POST', { body: undefined }, { requireBodyCoverage: false }, false],
    ['GET', 'GET', {}, { body: undefined }, false],
  ])('%s', async (_name, method, sign, options, expected) => {
    const message = await signedRequest({ method, ...sign });
    expect(isReplayChecked(message, await verify(message, options))).toBe(expected);
  });
});

// (r, s) and (r, n − s) verify alike (FIPS 186-5 §6.4).
function negateS(signature: Uint8Array): Uint8Array {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`);
  const negated = (order - s).toString(16).padStart(64, '0');
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(negated, 'hex')]);
}
