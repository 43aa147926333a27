import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newKey, signedAt, signedRequest, verify } from '../../test/signed-request.ts';
import { RateLimitError, UnavailableError } from '../errors.ts';
import { createReplayCache, isReplayChecked, replayExpiry, replayId } from './replay.ts';
import type { ReplayCaller } from './replay-caller.ts';

const one: ReplayCaller = ['https://ap.example', 'aauth:one@ap.example'];
const other: ReplayCaller = ['https://other.example', 'aauth:other@other.example'];

describe('createReplayCache', () => {
  test('W18: claims a signature once, until it is too old to be accepted', () => {
    let time = signedAt;
    const cache = createReplayCache({ now: () => time });
    expect(cache.claim('a', signedAt + 60, one)).toBe(true);
    expect(cache.claim('a', signedAt + 60, one)).toBe(false);
    expect(cache.claim('b', signedAt + 60, one)).toBe(true);
    time = signedAt + 60;
    expect(cache.claim('a', signedAt + 60, one)).toBe(false);
    time = signedAt + 62;
    expect(cache.claim('a', signedAt + 122, one)).toBe(true);
  });

  test('full of signatures that could still be replayed, it refuses instead of forgetting', () => {
    let time = signedAt;
    const cache = createReplayCache({ maxEntries: 2, now: () => time });
    expect(cache.claim('a', signedAt + 10, ['one'])).toBe(true);
    expect(cache.claim('b', signedAt + 60, ['two'])).toBe(true);
    expect(cache.claim('a', signedAt + 10, ['one'])).toBe(false);
    const refused = () => cache.claim('c', signedAt + 60, ['three']);
    expect(refused).toThrow(UnavailableError);
    expect(refused).toThrow(expect.objectContaining({ status: 503, headers: { 'retry-after': '11' } }));
    time = signedAt + 11;
    expect(cache.claim('c', signedAt + 60, ['three'])).toBe(true);
    expect(cache.claim('b', signedAt + 60, ['two'])).toBe(false);
    expect(() => cache.claim('d', signedAt + 60, ['four'])).toThrow(UnavailableError);
  });

  test('one caller alone cannot fill it, and is told when it can go on', () => {
    let time = signedAt;
    const cache = createReplayCache({ maxEntries: 300, now: () => time });
    let claimed = 0;
    const flood = () => {
      for (;;) cache.claim(`flood ${claimed++}`, signedAt + 60, one);
    };
    expect(flood).toThrow(
      expect.objectContaining({ code: 'rate_limited', status: 429, headers: { 'retry-after': '61' } }),
    );
    expect(claimed).toBe(101);
    expect(cache.claim('from another', signedAt + 60, other)).toBe(true);
    expect(cache.claim('flood 0', signedAt + 60, one)).toBe(false);
    time = signedAt + 61;
    expect(cache.claim('later', time + 60, one)).toBe(true);
  });

  test('a repeat is not let through because the clock went ahead in between', () => {
    let time = signedAt;
    const cache = createReplayCache({ now: () => time });
    expect(cache.claim('a', signedAt + 60, one)).toBe(true);
    time = signedAt + 3600;
    expect(cache.claim('b', time + 60, one)).toBe(true);
    time = signedAt + 5;
    const repeat = () => cache.claim('a', signedAt + 60, one);
    expect(repeat).toThrow(expect.objectContaining({ status: 503, headers: { 'retry-after': '1' } }));
    expect(cache.claim('signed since then', time + 60, one)).toBe(true);
    expect(cache.claim('b', signedAt + 3660, one)).toBe(false);
  });

  test('never says yes twice to the same signature, wherever the clock goes', () => {
    const step = fc.record({
      created: fc.nat(600),
      time: fc.double({ min: -60, max: 60, noNaN: true }),
      caller: fc.constantFrom(one, other),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        let time = 0;
        const cache = createReplayCache({ maxEntries: 12, now: () => time });
        const claimed = new Map<number, number>();
        for (const { created, time: skew, caller } of steps) {
          // What is older than that, or further ahead, is refused for its age before anybody asks the cache.
          time = created + skew;
          try {
            const first = cache.claim(String(created), created + 60, caller);
            expect(first && claimed.has(created)).toBe(false);
            claimed.set(created, created + 60);
          } catch (error) {
            expect(error).toSatisfy((reason) => reason instanceof UnavailableError || reason instanceof RateLimitError);
          }
        }
      }),
    );
  });

  test('says yes to whatever is new while the clock only goes on and there is room', () => {
    const waits = fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { maxLength: 300 });
    fc.assert(
      fc.property(waits, (seconds) => {
        let time = signedAt;
        const cache = createReplayCache({ now: () => time });
        for (const [index, wait] of seconds.entries()) {
          time += wait;
          expect(cache.claim(String(index), Math.floor(time) + 60, one)).toBe(true);
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
