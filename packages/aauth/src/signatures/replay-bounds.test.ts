import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newKey, signedAt, signedRequest, verify } from '../../test/signed-request.ts';
import { AAuthError } from '../errors.ts';
import { createReplayBounds } from './replay-bounds.ts';
import { type ReplayCaller, replayCaller } from './replay-caller.ts';

/** As many entries as the bounds allow, of callers in turn. */
function fill(maxEntries: number, callers: readonly ReplayCaller[]) {
  const bounds = createReplayBounds({ maxEntries, now: () => signedAt });
  const stored = callers.map(() => 0);
  const total = () => stored.reduce((sum, count) => sum + count, 0);
  const admits = (caller: ReplayCaller): boolean => {
    try {
      bounds.admit(caller, signedAt + 60, total());
      return true;
    } catch (error) {
      if (error instanceof AAuthError) return false;
      throw error;
    }
  };
  for (let added = true; added; ) {
    added = false;
    for (const [index, caller] of callers.entries()) {
      if (!admits(caller)) continue;
      bounds.count(caller, signedAt + 60);
      stored[index] = (stored[index] ?? 0) + 1;
      added = true;
    }
  }
  return { stored, free: maxEntries - total(), admits };
}

describe('createReplayBounds', () => {
  const stranger: ReplayCaller = ['https://stranger.example', 'aauth:s@stranger.example'];

  test.each<[string, number, ReplayCaller[]]>([
    ['a server half', 500, [['https://ps.example']]],
    ['an agent a third', 334, [['https://ap.example', 'a']]],
    ['a key of a person’s agent a quarter', 250, [['https://ps.example', 'person', 'key']]],
    [
      'a hundred agents of one issuer half',
      500,
      Array.from({ length: 100 }, (_, agent) => ['https://ap.example', `${agent}`]),
    ],
    ['all keys that somebody made together half', 500, Array.from({ length: 300 }, (_, key) => ['hwk', `${key}`])],
  ])('leaves %s at most, and the rest to others', (_name, most, callers) => {
    const { stored, admits } = fill(1000, callers);
    const sum = stored.reduce((total, count) => total + count, 0);
    expect(sum).toBeLessThanOrEqual(most);
    expect(sum).toBeGreaterThan(most * 0.9);
    expect(admits(stranger)).toBe(true);
  });

  test('an agent that floods does not shut out another one of its issuer', () => {
    const { admits } = fill(1000, [['https://ap.example', 'a']]);
    expect(admits(['https://ap.example', 'a'])).toBe(false);
    expect(admits(['https://ap.example', 'b'])).toBe(true);
  });

  test('however many issuers fill it, there is a place for another one as long as they are fewer than the places', () => {
    const issuers = fc.uniqueArray(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(issuers, (names) => {
        const { free, admits } = fill(
          200,
          names.map((name): ReplayCaller => [`https://${name}.example`, `a${name}`]),
        );
        expect(free).toBeGreaterThan(0);
        expect(admits(stranger)).toBe(true);
      }),
    );
  });

  test('what has expired does not count any more', () => {
    let time = signedAt;
    const bounds = createReplayBounds({ maxEntries: 10, now: () => time });
    const caller: ReplayCaller = ['https://ap.example', 'a'];
    for (let stored = 0; stored < 4; stored++) {
      bounds.admit(caller, time + 60, stored);
      bounds.count(caller, time + 60);
      time += 20;
    }
    time = signedAt + 60;
    expect(() => bounds.admit(caller, time + 60, 4)).toThrow(
      expect.objectContaining({ code: 'rate_limited', retryAfter: 1 }),
    );
    time = signedAt + 61;
    bounds.admit(caller, time + 60, 3);
  });
});

describe('replayCaller', () => {
  test('of keys that anybody can make is one group, and the key in it', async () => {
    const key = await newKey();
    expect(replayCaller(await verify(await signedRequest({ key })))).toEqual(['hwk', key.thumbprint]);
  });
});
