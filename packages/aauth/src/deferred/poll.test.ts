import { describe, expect, it, onTestFinished } from 'vitest';
import { startServer } from '../../test/support/http-server.ts';
import { createPassingTime, createTestTime } from '../../test/support/time.ts';
import { DeferredError, PeerError, UnavailableError } from '../errors.ts';
import { createHttpFetch, type HttpFetch } from '../node/fetch.ts';
import { type PendingResponseInit, pendingResponse } from './pending-response.ts';
import { type Pending, type PollOptions, poll } from './poll.ts';

function createFetch(): HttpFetch {
  const fetch = createHttpFetch();
  onTestFinished(fetch.close);
  return fetch;
}

function pending(init: Partial<PendingResponseInit> = {}): Response {
  const { status, headers, body } = pendingResponse({ location: '/pending/1', ...init });
  return new Response(body, { status, headers });
}

function without(response: Response, header: string): Response {
  response.headers.delete(header);
  return response;
}

const result = () => Response.json({ agent_token: 'eyJ' });
const bare = (status: number, headers: Record<string, string> = {}) => new Response(null, { status, headers });
const problem = (error: string, status: number) => Response.json({ error, detail: 'So it was.' }, { status });

/** What `poll` makes of these answers to the original request and to the polls, with every wait over at once. */
async function pollThrough(answers: (Response | 'drop')[], options: Partial<PollOptions> = {}) {
  const fetch = createFetch();
  const server = await startServer(() => answers.shift() ?? bare(418));
  const time = createPassingTime();
  const original = await fetch(`${server.origin}/start`, { method: 'POST', body: '{"a":1}' });
  const outcome = await poll(fetch, original, { ...time, deadline: time.now() + 3600, ...options }).then(
    (response) => ({ response, error: undefined }),
    (error: unknown) => ({ response: undefined, error }),
  );
  return { ...outcome, polls: server.received.slice(1), slept: time.slept, origin: server.origin };
}

describe('poll', () => {
  it('GETs the Location without the body until there is a result, which it hands over unread', async () => {
    const { response, polls, slept } = await pollThrough([pending(), pending(), result()]);
    expect(await response?.json()).toEqual({ agent_token: 'eyJ' });
    expect(polls.map(({ method, target, body }) => [method, target, body.byteLength])).toEqual([
      ['GET', '/pending/1', 0],
      ['GET', '/pending/1', 0],
    ]);
    expect(slept).toEqual([5, 5]);
  });

  it('returns anything but a 202 as it is', async () => {
    const { response, polls } = await pollThrough([problem('denied', 403)]);
    expect(response?.status).toBe(403);
    expect(response?.bodyUsed).toBe(false);
    expect(polls).toHaveLength(0);
  });

  it('waits as long as the server asks, in seconds or until a date, and 5 s when it does not say', async () => {
    const date = new Date(1_790_000_000_000 + 60_000).toUTCString();
    const { slept } = await pollThrough([
      pending({ retryAfter: 20 }),
      without(pending(), 'retry-after'),
      (() => {
        const response = pending();
        response.headers.set('retry-after', date);
        return response;
      })(),
      result(),
    ]);
    expect(slept).toEqual([20, 5, 35]);
  });

  it('W10: Retry-After 0 is at most one poll a second, and there is no number of polls after which it gives up', async () => {
    const answers = Array.from({ length: 200 }, () => pending({ retryAfter: 0 }));
    const { response, polls, slept } = await pollThrough([...answers, result()]);
    expect(response?.status).toBe(200);
    expect(polls).toHaveLength(200);
    expect(slept[0]).toBe(0);
    expect(new Set(slept.slice(1))).toEqual(new Set([1]));
  });

  it('W10: Retry-After 0 polls at once after a poll that was held', async () => {
    const fetch = createFetch();
    const time = createTestTime();
    const answers = [pending({ retryAfter: 0 }), pending({ retryAfter: 0 }), result()];
    const server = await startServer(({ method }) => {
      if (method === 'GET') time.advance(25);
      return answers.shift() ?? bare(418);
    });
    const original = await fetch(server.origin, { method: 'POST' });
    const polling = poll(fetch, original, { ...time, deadline: time.now() + 3600, wait: 25 });
    expect(await time.nextSleep()).toBe(0);
    time.advance(0);
    expect(await time.nextSleep()).toBe(0);
    time.advance(0);
    expect((await polling).status).toBe(200);
    expect(server.received.map(({ headers }) => headers.get('prefer'))).toEqual([null, 'wait=25', 'wait=25']);
  });

  it('slows down by 5 s for good with every 429', async () => {
    const { slept } = await pollThrough([
      pending({ retryAfter: 2 }),
      bare(429),
      pending({ retryAfter: 2 }),
      bare(429, { 'retry-after': '10' }),
      pending({ retryAfter: 2 }),
      result(),
    ]);
    expect(slept).toEqual([2, 7, 7, 20, 12]);
  });

  it('keeps polling through 503, a gateway, and a server that cannot be reached, with backoff', async () => {
    const failures: unknown[] = [];
    const { response, slept } = await pollThrough(
      [
        pending(),
        bare(503, { 'retry-after': '9' }),
        bare(502),
        bare(504),
        'drop',
        'drop',
        'drop',
        pending(),
        'drop',
        result(),
      ],
      { onUnreachable: (error) => failures.push(error) },
    );
    expect(response?.status).toBe(200);
    expect(slept).toEqual([5, 9, 5, 5, 1, 2, 4, 5, 1]);
    expect(failures).toHaveLength(4);
    expect(failures[0]).toBeInstanceOf(TypeError);
  });

  it.each([
    [403, 'denied'],
    [403, 'abandoned'],
    [403, 'revoked'],
    [408, 'expired'],
    [410, 'invalid_code'],
    [410, 'gone'],
    [500, 'server_error'],
    [502, 'as_unreachable'],
  ])('ends with the outcome of a %i %s', async (status, code) => {
    const { error, polls } = await pollThrough([pending(), problem(code, status)]);
    expect(error).toBeInstanceOf(DeferredError);
    expect(error).toMatchObject({ code, status, message: expect.stringContaining('So it was.') });
    expect(polls).toHaveLength(1);
  });

  it.each([
    [403, 'denied'],
    [408, 'expired'],
    [410, 'gone'],
    [500, 'server_error'],
  ])('takes a %i without a code for %s', async (status, code) => {
    for (const response of [bare(status), new Response('<html>', { status })]) {
      const { error } = await pollThrough([pending(), response]);
      expect(error).toMatchObject({ name: 'DeferredError', code });
    }
  });

  it('does not mistake a code for the outcome of another status', async () => {
    const { error } = await pollThrough([pending(), problem('expired', 403)]);
    expect(error).toBeInstanceOf(PeerError);
    expect(error).toMatchObject({ code: 'expired', status: 403 });
  });

  it.each([200, 204, 400, 401, 402, 404, 409])('hands over a %i as the result', async (status) => {
    const { response, slept } = await pollThrough([pending(), bare(status)]);
    expect(response?.status).toBe(status);
    expect(slept).toEqual([5]);
  });

  it('does not follow a redirect', async () => {
    const { response } = await pollThrough([pending(), bare(307, { location: 'https://elsewhere.example/' })]);
    expect(response?.status).toBe(307);
  });

  it('tells of every 202; an unknown status is pending, an unknown requirement is surfaced', async () => {
    const seen: Pending[] = [];
    const unknown = new Response('{"status":"thinking","note":1}', {
      status: 202,
      headers: { 'aauth-requirement': 'requirement=proof-of-work;n=3', 'retry-after': '7' },
    });
    const requirement = { requirement: 'interaction', parameters: { url: 'https://ps.example', code: 'AB' } } as const;
    const { origin } = await pollThrough(
      [
        pending({ requirement }),
        unknown,
        pending({ status: 'interacting' }),
        new Response('[]', { status: 202 }),
        result(),
      ],
      { onPending: (state) => seen.push(state) },
    );
    const location = new URL('/pending/1', origin);
    expect(seen).toEqual([
      { location, status: 'pending', requirement, retryAfter: 5, body: { status: 'pending' } },
      {
        location,
        status: 'pending',
        requirement: { requirement: 'proof-of-work', parameters: {} },
        retryAfter: 7,
        body: { status: 'thinking', note: 1 },
      },
      { location, status: 'interacting', requirement: undefined, retryAfter: 5, body: { status: 'interacting' } },
      { location, status: 'pending', requirement: undefined, retryAfter: 5, body: {} },
    ]);
  });

  it('lets an error of its caller through, even one that looks like the network', async () => {
    const { error, polls } = await pollThrough([pending(), pending(), result()], {
      onPending: ({ retryAfter }) => {
        throw new TypeError(`caller's own, ${retryAfter}`);
      },
    });
    expect(error).toMatchObject({ message: "caller's own, 5" });
    expect(polls).toHaveLength(0);
  });

  it('follows a Location that moves on the same origin', async () => {
    const { polls } = await pollThrough([pending(), pending({ location: '/pending/2?x=1' }), result()]);
    expect(polls.map(({ target }) => target)).toEqual(['/pending/1', '/pending/2?x=1']);
  });

  it.each(['https://elsewhere.example/pending/1', '//elsewhere.example/pending/1', 'http://[', 'file:///etc/passwd'])(
    'refuses to poll %s',
    async (location) => {
      for (const answers of [[pending({ location })], [pending(), pending({ location })]]) {
        const before = answers.length - 1;
        const { error, polls } = await pollThrough(answers);
        expect(error).toMatchObject({ name: 'PeerError', code: 'invalid_response' });
        expect(polls).toHaveLength(before);
      }
    },
  );

  it('refuses a 202 that names no place to poll', async () => {
    const { error } = await pollThrough([without(pending(), 'location')]);
    expect(error).toMatchObject({ name: 'PeerError', code: 'invalid_response' });
  });

  it('gives up at the deadline, after one last poll', async () => {
    const time = createPassingTime();
    const answers = Array.from({ length: 10 }, () => pending({ retryAfter: 8 }));
    const { error, polls, slept } = await pollThrough(answers, { ...time, deadline: time.now() + 20 });
    expect(error).toMatchObject({ name: 'DeferredError', code: 'expired' });
    expect(polls).toHaveLength(3);
    expect(slept).toEqual([]);
    expect(time.slept).toEqual([8, 8, 4]);
  });

  it('gives up at the deadline that the latest 202 makes it set', async () => {
    const time = createPassingTime();
    const expiring = (seconds: number) =>
      pending({ retryAfter: 10, members: { expires_at: new Date((time.now() + seconds) * 1000).toISOString() } });
    const answers = [expiring(15), expiring(45), pending({ retryAfter: 10 })];
    answers.push(...Array.from({ length: 5 }, () => expiring(45)));
    const said: unknown[] = [];
    const { error } = await pollThrough(answers, {
      ...time,
      deadline({ expiresAt }) {
        said.push(expiresAt);
        return expiresAt ?? Number.POSITIVE_INFINITY;
      },
    });
    expect(error).toMatchObject({ name: 'DeferredError', code: 'expired' });
    expect(time.slept).toEqual([10, 10, 10, 10, 5]);
    const start = time.now() - 45;
    expect(said.slice(0, 4)).toEqual([start + 15, start + 45, undefined, start + 45]);
  });

  it('gives up at the deadline while the server cannot be reached', async () => {
    const time = createPassingTime();
    const answers: (Response | 'drop')[] = [pending(), ...Array.from({ length: 20 }, () => 'drop' as const)];
    const { error } = await pollThrough(answers, { ...time, deadline: time.now() + 60 });
    expect(error).toMatchObject({ name: 'DeferredError', code: 'expired' });
    expect(time.slept).toEqual([5, 1, 2, 4, 8, 16, 24]);
  });

  it('ends with the reason of its signal, asleep or in the middle of a poll', async () => {
    const fetch = createFetch();
    const time = createTestTime();
    const held = Promise.withResolvers<Response>();
    onTestFinished(() => held.resolve(bare(200)));
    const arrived = Promise.withResolvers<void>();
    const server = await startServer(({ method }) => {
      if (method === 'POST') return pending();
      arrived.resolve();
      return held.promise;
    });
    const start = async (signal: AbortSignal) =>
      poll(fetch, await fetch(server.origin, { method: 'POST' }), { ...time, deadline: time.now() + 60, signal });

    const asleep = new AbortController();
    const first = start(asleep.signal);
    await time.nextSleep();
    asleep.abort('enough');
    await expect(first).rejects.toBe('enough');
    expect(time.sleepers).toBe(0);

    const polling = new AbortController();
    const second = start(polling.signal);
    await time.nextSleep();
    time.advance(5);
    await arrived.promise;
    polling.abort('enough');
    await expect(second).rejects.toBe('enough');
    expect(time.sleepers).toBe(0);
  });

  it('waits for credentials that are not to be had just now, and stops at any other error of its fetch', async () => {
    const fetch = createFetch();
    const server = await startServer(() => result());
    const time = createPassingTime();
    const failures = [new UnavailableError('no token yet'), new Error('the key is gone')];
    const failing: typeof globalThis.fetch = async (input, init) => {
      const failure = failures.shift();
      if (failure) throw failure;
      return fetch(input, init);
    };
    const options = { ...time, deadline: time.now() + 60, url: server.origin };
    await expect(poll(failing, pending(), options)).rejects.toThrow('the key is gone');
    expect(time.slept).toEqual([5, 1]);
    expect((await poll(failing, pending(), options)).status).toBe(200);
  });

  it('polls at once after what was required has been done, and waits where it was not', async () => {
    const fetch = createFetch();
    const answers = [pending(), pending(), result()];
    const server = await startServer(() => answers.shift() ?? result());
    const time = createPassingTime();
    const asked: string[] = [];
    const satisfied = [true, false, true];
    const response = await poll(fetch, pending(), {
      ...time,
      deadline: time.now() + 60,
      url: server.origin,
      onPending: () => asked.push('pending'),
      satisfy: async () => {
        asked.push('satisfy');
        return satisfied.shift() ?? false;
      },
    });
    expect(response.status).toBe(200);
    expect(asked).toEqual(['pending', 'satisfy', 'pending', 'satisfy', 'pending', 'satisfy']);
    expect(time.slept).toEqual([0, 5, 0]);
  });

  it('ends with what keeps the requirement from being met', async () => {
    const time = createPassingTime();
    const satisfy = async () => {
      throw new UnavailableError('nobody to ask');
    };
    const server = await startServer(() => pending());
    const options = { ...time, deadline: time.now() + 60, url: server.origin, satisfy };
    await expect(poll(createFetch(), pending(), options)).rejects.toThrow('nobody to ask');
    expect(server.received).toEqual([]);
  });
});
