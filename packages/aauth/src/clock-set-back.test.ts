import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestParties } from '../test/support/agent-provider.ts';
import { createTestClock } from '../test/support/clock.ts';
import { identifiers, startAgentProvider } from '../test/support/enrolment-provider.ts';
import { startServer } from '../test/support/http-server.ts';
import { createKey } from '../test/support/keys.ts';
import { createPassingTime, createTestTime } from '../test/support/time.ts';
import { createTestWeb } from '../test/support/web.ts';
import { bufferRequest } from './agent/buffered-request.ts';
import { createdSequence } from './agent/created.ts';
import { createSelfIssuedSession } from './agent/self-issued-session.ts';
import { createAgentSession } from './agent/session.ts';
import { createPollPace, pendingResponse, poll } from './deferred/index.ts';
import { createCachedDocument } from './discovery/cached-document.ts';
import { createIssuerCache } from './discovery/issuer-cache.ts';
import { parseServerIdentifier } from './identifiers.ts';
import { createHttpFetch, nodeKeys } from './node/index.ts';
import { cacheVerifiedTokens } from './resource/token-cache.ts';
import { createTokenVerifier, decodeTokenForDisplay } from './tokens/index.ts';

const hour = 3600;
const silent = { info() {}, warn() {}, error() {} };

describe('when the clock is set back by an hour', () => {
  it('who polls is not told to slow down for an hour', () => {
    const clock = createTestClock();
    const pace = createPollPace({ now: clock.now });
    pace.note('a');
    expect(() => pace.check('a')).toThrow('less than 1 s ago');
    clock.advance(-hour);
    pace.check('a');
  });

  it('while a poll is held, the next one follows as soon as it would have', async () => {
    const time = createPassingTime();
    let back = 0;
    const now = () => time.now() - back;
    const answers = [pendingResponse({ location: '/pending/1', retryAfter: 0 }), undefined];
    const server = await startServer(({ method }) => {
      if (method === 'POST') return respond(pendingResponse({ location: '/pending/1', retryAfter: 0 }));
      back = hour;
      const answer = answers.shift();
      return answer ? respond(answer) : Response.json({ token: 'eyJ' });
    });
    const fetch = createHttpFetch();
    onTestFinished(fetch.close);
    const original = await fetch(`${server.origin}/start`, { method: 'POST' });
    await poll(fetch, original, { now, sleep: time.sleep, deadline: now() + 600 });
    expect(Math.max(...time.slept)).toBeLessThanOrEqual(1);
  });

  it('a document is fetched again, fresh or not, and failures count no longer', async () => {
    const clock = createTestClock();
    const web = createTestWeb();
    const url = 'https://ap.example/document';
    const read = (_: URL, { body }: { body: Uint8Array }) => new TextDecoder().decode(body);
    const locate = () => new URL(url);
    const document = createCachedDocument({ fetch: web.fetch, now: clock.now, locate, read, firstRetry: 60 });
    await expect(document.get()).rejects.toMatchObject({ status: 503 });
    web.publish(url, { body: 'one' });
    await expect(document.get()).rejects.toMatchObject({ status: 503 });
    clock.advance(-hour);
    expect(await document.get()).toBe('one');
    web.publish(url, { body: 'two' });
    expect(await document.get()).toBe('one');
    clock.advance(-hour);
    expect(await document.get()).toBe('two');
  });

  it('newcomers among issuers are admitted as fast as before', () => {
    const clock = createTestClock();
    const cache = createIssuerCache<string>({ maxEntries: 16, now: clock.now });
    cache.get('a', false, String);
    clock.advance(-hour);
    cache.get('b', false, String);
    expect(() => cache.get('c', false, String)).toThrow(expect.objectContaining({ retryAfter: 30 }));
    clock.advance(30);
    cache.get('c', false, String);
  });

  it('a token that was verified is looked at again, and not only when an hour and five minutes have passed', async () => {
    const { discovery, clock, token } = await createTestParties();
    const verified: string[] = [];
    const verifyToken = createTokenVerifier({ discovery, identifiers, keys: nodeKeys, now: clock.now });
    const verify = cacheVerifiedTokens(
      (compact) => {
        verified.push(compact);
        return verifyToken(compact);
      },
      { now: clock.now, maxEntries: 10, recheck: () => undefined },
    );
    const compact = await token();
    await verify(compact);
    await verify(compact);
    expect(verified).toHaveLength(1);
    clock.advance(-hour);
    await expect(verify(compact)).rejects.toMatchObject({ code: 'clock_skew' });
    expect(verified).toHaveLength(2);
  });

  it('a request like the last one is dated now and sent at once', async () => {
    const time = createPassingTime();
    let back = 0;
    const now = () => time.now() - back;
    const created = createdSequence(now, time.sleep);
    const request = await bufferRequest('https://shop.example/orders', { method: 'POST', body: '{}' });
    const first = await created(request);
    expect(await created(request)).toBe(first + 1);
    back = hour;
    expect(await created(request)).toBe(first - hour);
    expect(time.slept).toEqual([]);
  });

  it('an agent whose provider was down asks again, and one that has a token gets another: its own is from the future', async () => {
    const time = createTestTime();
    let back = 0;
    const now = () => time.now() - back;
    const provider = await startAgentProvider(now);
    const fetch = createHttpFetch();
    onTestFinished(fetch.close);
    const session = createAgentSession({
      provider: provider.issuer,
      agentName: 'Test agent',
      stableKey: await createKey(),
      fetch,
      keys: nodeKeys,
      now,
      sleep: time.sleep,
      log: silent,
    });
    onTestFinished(session.stop);
    provider.instead = () => 'drop';
    session.start();
    expect(await time.nextSleep()).toBe(1);
    provider.instead = undefined;
    provider.decision = 'approved';
    back = hour;
    time.advance(1);
    await session.ready;
    const first = await session.credentials();
    expect(await session.credentials()).toBe(first);
    back = 2 * hour;
    const second = await session.credentials();
    expect(decodeTokenForDisplay(second.token)?.claims.iat).toBe(now());
  });

  it('an agent that is its own provider makes itself another token', async () => {
    const clock = createTestClock();
    const session = createSelfIssuedSession({
      issuer: parseServerIdentifier('https://shop.example', { allowLoopback: false }),
      key: await createKey('shop-1'),
      agentLocal: 'shop',
      jwksUri: new URL('https://shop.example/jwks.json'),
      now: clock.now,
    });
    const first = await session.credentials();
    expect(await session.credentials()).toBe(first);
    clock.advance(-hour);
    expect((await session.credentials()).claims.iat).toBe(clock.now());
  });
});

function respond({ status, headers, body }: ReturnType<typeof pendingResponse>): Response {
  return new Response(body, { status, headers });
}
