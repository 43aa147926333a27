import { describe, expect, it } from 'vitest';
import { createTestClock } from '../../test/support/clock.ts';
import { createTestWeb } from '../../test/support/web.ts';
import { SignatureError, UnavailableError } from '../errors.ts';
import { createCachedDocument } from './cached-document.ts';

const url = 'https://ap.example/document';

function setUp(firstRetry = 5) {
  const clock = createTestClock();
  const web = createTestWeb();
  const document = createCachedDocument({
    fetch: web.fetch,
    now: clock.now,
    locate: () => new URL(url),
    read: (_, response) => {
      const text = new TextDecoder().decode(response.body);
      if (text === 'impostor') throw new SignatureError('issuer_mismatch', 'another issuer');
      return text;
    },
    firstRetry,
  });
  web.publish(url, { body: 'one', headers: { 'cache-control': 'max-age=300' } });
  return { clock, web, document };
}

describe('a cached document', () => {
  it('is fetched once while it is fresh, and again when it is not', async () => {
    const { clock, web, document } = setUp();
    expect(await document.get()).toBe('one');
    web.publish(url, { body: 'two' });
    clock.advance(299);
    expect(await document.get()).toBe('one');
    expect(web.requests).toHaveLength(1);
    clock.advance(1);
    expect(await document.get()).toBe('two');
    expect(web.requests).toHaveLength(2);
  });

  it('is fetched once for all who ask at the same time', async () => {
    const { web, document } = setUp();
    const answers = await Promise.all([document.get(), document.refresh(), document.get(), document.refresh()]);
    expect(answers).toEqual(['one', 'one', 'one', 'one']);
    expect(web.requests).toHaveLength(1);
  });

  it('is refreshed at most once a minute, whoever wants it', async () => {
    const { clock, web, document } = setUp();
    await document.get();
    web.publish(url, { body: 'two' });
    clock.advance(59);
    for (let asked = 0; asked < 100; asked++) expect(await document.refresh()).toBe('one');
    expect(web.requests).toHaveLength(1);
    clock.advance(1);
    expect(await document.refresh()).toBe('two');
    expect(await document.refresh()).toBe('two');
    expect(web.requests).toHaveLength(2);
  });

  it('stands in for one that cannot be fetched, for a day and no longer', async () => {
    const { clock, web, document } = setUp();
    await document.get();
    web.takeDown(url);
    clock.advance(86_399);
    expect(await document.get()).toBe('one');
    clock.advance(1);
    await expect(document.get()).rejects.toThrow(UnavailableError);
  });

  it('waits longer the more often fetching fails, says how long, and recovers', async () => {
    const { clock, web, document } = setUp();
    web.takeDown(url);
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 9; attempt++) {
      const error = await document.get().catch((reason) => reason);
      expect(error).toBeInstanceOf(UnavailableError);
      expect(error.headers).toEqual({ 'retry-after': String(error.retryAfter) });
      waits.push(error.retryAfter);
      clock.advance(error.retryAfter - 1);
      await expect(document.get()).rejects.toMatchObject({ retryAfter: 1 });
      expect(web.requests).toHaveLength(attempt);
      clock.advance(1);
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
    web.publish(url, { body: 'back' });
    expect(await document.get()).toBe('back');
  });

  it('forgets what it held when the issuer answers as somebody else', async () => {
    const { clock, web, document } = setUp();
    await document.get();
    web.publish(url, { body: 'impostor' });
    clock.advance(301);
    await expect(document.get()).rejects.toMatchObject({ code: 'issuer_mismatch' });
    await expect(document.get()).rejects.toMatchObject({ code: 'issuer_mismatch' });
    expect(web.requests).toHaveLength(2);
  });

  it('starts no waiting time when it cannot even be located', async () => {
    const clock = createTestClock();
    const web = createTestWeb();
    web.publish(url, { body: 'one' });
    let located = false;
    const locate = () => {
      if (!located) throw new UnavailableError('the metadata is down');
      return new URL(url);
    };
    const document = createCachedDocument({
      fetch: web.fetch,
      now: clock.now,
      locate,
      read: () => 'read',
      firstRetry: 60,
    });
    await expect(document.get()).rejects.toThrow('the metadata is down');
    located = true;
    expect(await document.get()).toBe('read');
  });
});
