import { describe, expect, it } from 'vitest';
import { createTestClock } from '../../test/support/clock.ts';
import { UnavailableError } from '../errors.ts';
import { createIssuerCache } from './issuer-cache.ts';

describe('the issuer cache', () => {
  it('W18: never loses an issuer in use to strangers, however many they name', () => {
    const clock = createTestClock();
    const cache = createIssuerCache<object>({ maxEntries: 64, now: clock.now });
    const own = cache.get('own', false, () => ({}));
    const pinned = cache.get('pinned', true, () => ({}));
    let refused = 0;
    for (let second = 0; second < 3600; second++) {
      clock.advance(1);
      for (let named = 0; named < 3; named++) {
        try {
          cache.get(`stranger-${second}-${named}`, false, () => ({}));
        } catch (error) {
          expect(error).toBeInstanceOf(UnavailableError);
          refused += 1;
        }
      }
      if (second % 400 === 0) expect(cache.get('own', false, () => ({}))).toBe(own);
    }
    expect(refused).toBeGreaterThan(10_000);
    expect(cache.get('pinned', true, () => ({}))).toBe(pinned);
  });

  it('makes room by forgetting the issuer that was not used for longest', () => {
    const clock = createTestClock();
    const cache = createIssuerCache<string>({ maxEntries: 8, now: clock.now });
    for (let issuer = 0; issuer < 8; issuer++) {
      cache.get(`${issuer}`, false, () => 'old');
      clock.advance(60);
    }
    expect(cache.get('0', false, () => 'new')).toBe('old');
    cache.get('8', false, () => 'old');
    expect(cache.get('0', false, () => 'new')).toBe('old');
    clock.advance(60);
    expect(cache.get('1', false, () => 'new')).toBe('new');
  });

  it('tells newcomers when to come back, and admits configured issuers all the while', () => {
    const clock = createTestClock();
    const cache = createIssuerCache<string>({ maxEntries: 16, now: clock.now });
    cache.get('a', false, String);
    cache.get('b', false, String);
    const refused = () => cache.get('c', false, String);
    expect(refused).toThrow(expect.objectContaining({ retryAfter: 30 }));
    expect(cache.get('pinned', true, () => 'here')).toBe('here');
    clock.advance(30);
    expect(refused).not.toThrow();
  });
});
