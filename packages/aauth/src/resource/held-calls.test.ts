import { describe, expect, it } from 'vitest';
import { createKey } from '../../test/support/keys.ts';
import { createTestTime } from '../../test/support/time.ts';
import { PolicyError } from '../errors.ts';
import { parseAgentIdentifier, parseServerIdentifier } from '../identifiers.ts';
import { createHeldCalls, type HeldCallsOptions } from './held-calls.ts';

const personServer = parseServerIdentifier('https://ps.example', { allowLoopback: false });
const { thumbprint: jkt } = await createKey();
const { thumbprint: otherJkt } = await createKey();
const caller = { jkt, personServer, subject: 'p-1' };
const interaction = {
  requirement: 'interaction',
  parameters: { url: 'https://agent.example/interaction', code: 'A1B2-C3D4' },
} as const;

function setUp(options: Partial<HeldCallsOptions> = {}) {
  const time = createTestTime();
  const calls = createHeldCalls({ ...time, ...options });
  /** Holds a call whose answer the test has in its hands. */
  const hold = (by: Parameters<typeof calls.hold>[0]['caller'] = caller) => {
    const answer = Promise.withResolvers<Response>();
    const cancelled: true[] = [];
    const call = calls.hold({ caller: by, response: answer.promise, cancel: () => cancelled.push(true) });
    return { call, answer, cancelled };
  };
  const send = (method: string, id: string, by = caller, headers: Record<string, string> = {}) =>
    calls.answer(new Request(`https://agent.example/pending/${id}`, { method, headers }), id, by);
  const poll = (id: string, wait?: number) =>
    send('GET', id, caller, wait === undefined ? {} : { prefer: `wait=${wait}` });
  /** Lets the time pass that a 202 asks for. */
  const heedRetryAfter = () => time.advance(2);
  return { time, calls, hold, send, poll, heedRetryAfter };
}

describe('a held call', () => {
  it('is a 202 that says what is required and until when, and where to come back', async () => {
    const { hold, time } = setUp();
    const { call } = hold();
    call.require(interaction, time.now() + 600);
    const response = call.response();
    expect(response.status).toBe(202);
    expect(Object.fromEntries(response.headers)).toEqual({
      location: `/pending/${call.id}`,
      'retry-after': '2',
      'cache-control': 'no-store',
      'content-type': 'application/json',
      'aauth-requirement': 'requirement=interaction;url="https://agent.example/interaction";code="A1B2-C3D4"',
    });
    expect(await response.json()).toEqual({
      status: 'pending',
      expires_at: new Date((time.now() + 600) * 1000).toISOString(),
    });
    expect(call.id).toMatch(/^[\w-]{22}$/);
    expect(hold().call.id).not.toBe(call.id);
  });

  it('is answered with what it answers, again and again, for an hour', async () => {
    const { hold, poll, heedRetryAfter, time } = setUp();
    const { call, answer } = hold();
    call.response();
    heedRetryAfter();
    expect((await poll(call.id)).status).toBe(202);
    answer.resolve(
      new Response('data: done\n\n', { status: 201, headers: { 'content-type': 'text/event-stream', 'x-more': '1' } }),
    );
    await answer.promise;
    await expect.poll(async () => (await poll(call.id).catch(() => undefined))?.status).toBe(201);
    for (const _ of [1, 2]) {
      const response = await poll(call.id);
      expect(await response.text()).toBe('data: done\n\n');
      expect(response.headers.get('content-type')).toBe('text/event-stream');
      expect(response.headers.get('x-more')).toBe('1');
    }
    time.advance(3599);
    expect((await poll(call.id)).status).toBe(201);
    time.advance(1);
    await expect(poll(call.id)).rejects.toMatchObject({ name: 'DeferredError', code: 'gone', status: 410 });
  });

  it('is nobody else’s: another key, another person, another person server', async () => {
    const { hold, send, heedRetryAfter } = setUp();
    const { call, cancelled } = hold();
    const elsewhere = parseServerIdentifier('https://ps2.example', { allowLoopback: false });
    heedRetryAfter();
    expect((await send('GET', call.id)).status).toBe(202);
    for (const other of [
      { ...caller, jkt: otherJkt },
      { ...caller, subject: 'p-2' },
      { ...caller, personServer: elsewhere },
    ]) {
      for (const method of ['GET', 'DELETE']) {
        await expect(send(method, call.id, other)).rejects.toMatchObject({ code: 'not_found', status: 404 });
      }
    }
    expect(cancelled).toEqual([]);
    await expect(send('GET', 'A'.repeat(22))).rejects.toMatchObject({ code: 'gone', status: 410 });
  });

  it('of a caller with an agent token is that agent’s, with that key', async () => {
    const { hold, calls, heedRetryAfter } = setUp();
    const { id: agent } = parseAgentIdentifier('aauth:shopper@ap.example');
    const { id: other } = parseAgentIdentifier('aauth:another@ap.example');
    const { call } = hold({ jkt, agent });
    heedRetryAfter();
    const request = () => new Request(`https://agent.example/pending/${call.id}`);
    const nobody = { personServer: undefined, subject: undefined };
    expect((await calls.answer(request(), call.id, { jkt, agent, ...nobody })).status).toBe(202);
    for (const stranger of [{ jkt: otherJkt, agent }, { jkt, agent: other }, caller]) {
      await expect(calls.answer(request(), call.id, stranger)).rejects.toMatchObject({ status: 404 });
    }
  });

  it('that fails answers with the failure', async () => {
    const { hold, poll, heedRetryAfter } = setUp();
    const { call, answer } = hold();
    answer.reject(new PolicyError('denied', 'The person said no.'));
    heedRetryAfter();
    await expect.poll(async () => (await poll(call.id)).status).toBe(403);
    expect(await (await poll(call.id)).json()).toMatchObject({ error: 'denied', detail: 'The person said no.' });
  });

  it('can be ended from here', async () => {
    const { hold, poll } = setUp();
    const { call, answer, cancelled } = hold();
    call.fail(new PolicyError('denied', 'Too many guesses.'));
    expect(cancelled).toEqual([true]);
    expect(await (await poll(call.id)).json()).toMatchObject({ error: 'denied' });
    // What comes later changes nothing.
    answer.resolve(new Response('late'));
    call.fail(new PolicyError('denied', 'Again.'));
    call.require(interaction);
    await answer.promise;
    expect((await poll(call.id)).status).toBe(403);
    expect(cancelled).toEqual([true]);
  });

  it('is cancelled by its caller, once', async () => {
    const { hold, send, poll } = setUp();
    const { call, cancelled } = hold();
    expect((await send('DELETE', call.id)).status).toBe(204);
    expect(cancelled).toEqual([true]);
    await expect(poll(call.id)).rejects.toMatchObject({ code: 'gone', status: 410 });
    await expect(send('DELETE', call.id)).rejects.toMatchObject({ code: 'gone', status: 410 });
    expect(cancelled).toEqual([true]);
  });

  it('is not polled faster than it asks for', async () => {
    const { hold, poll, heedRetryAfter } = setUp();
    const { call } = hold();
    call.response();
    await expect(poll(call.id)).rejects.toMatchObject({ code: 'slow_down', status: 429 });
    heedRetryAfter();
    expect((await poll(call.id)).status).toBe(202);
  });
});

describe('a poll that agrees to wait', () => {
  it('is answered as soon as the answer is there', async () => {
    const { hold, poll, time, heedRetryAfter } = setUp();
    const { call, answer } = hold();
    call.response();
    heedRetryAfter();
    const polling = poll(call.id, 20);
    expect(await time.nextSleep()).toBe(20);
    answer.resolve(new Response('done'));
    expect(await (await polling).text()).toBe('done');
    expect(time.sleepers).toBe(0);
  });

  it('is answered as soon as something else is required', async () => {
    const { hold, poll, time, heedRetryAfter } = setUp();
    const { call } = hold();
    call.require(interaction, time.now() + 60);
    call.response();
    heedRetryAfter();
    const polling = poll(call.id, 20);
    await time.nextSleep();
    call.require(undefined);
    const response = await polling;
    expect([response.status, response.headers.has('aauth-requirement')]).toEqual([202, false]);
    expect(await response.json()).toHaveProperty('expires_at');
    // What has changed between two polls is not waited for.
    call.require(interaction);
    heedRetryAfter();
    expect((await poll(call.id, 20)).headers.get('aauth-requirement')).toContain('interaction');
  });

  it.each([
    [7, 7],
    [30, 30],
    [3600, 30],
  ])('of %i s is held for %i s', async (wait, seconds) => {
    const { hold, poll, time, heedRetryAfter } = setUp();
    const { call } = hold();
    call.response();
    heedRetryAfter();
    const polling = poll(call.id, wait);
    expect(await time.nextSleep()).toBe(seconds);
    time.advance(seconds);
    expect((await polling).status).toBe(202);
  });

  it('is given up when the caller goes away', async () => {
    const { hold, calls, time, heedRetryAfter } = setUp();
    const { call } = hold();
    call.response();
    heedRetryAfter();
    const client = new AbortController();
    const request = new Request('https://agent.example/', { headers: { prefer: 'wait=20' }, signal: client.signal });
    const polling = calls.answer(request, call.id, caller);
    await time.nextSleep();
    client.abort();
    await polling;
    expect(time.sleepers).toBe(0);
  });

  it('is told when the call is cancelled meanwhile', async () => {
    const { hold, poll, send, time, heedRetryAfter } = setUp();
    const { call } = hold();
    call.response();
    heedRetryAfter();
    const polling = poll(call.id, 20);
    await time.nextSleep();
    await send('DELETE', call.id);
    expect((await polling).status).toBe(410);
  });
});

describe('room', () => {
  it('is limited for each caller, who may go on when calls have ended', async () => {
    const { hold } = setUp({ maxPerCaller: 2 });
    const first = hold();
    hold();
    expect(hold).toThrow(expect.objectContaining({ code: 'rate_limited', status: 429 }));
    expect(() => hold({ ...caller, jkt: otherJkt })).not.toThrow();
    first.call.fail(new PolicyError('denied', 'x'));
    expect(() => hold()).not.toThrow();
  });

  it('is made by forgetting the oldest result, never a call that goes on', async () => {
    const { hold, poll } = setUp({ maxCalls: 2 });
    const first = hold();
    const second = hold();
    expect(hold).toThrow(expect.objectContaining({ code: 'temporarily_unavailable', status: 503 }));
    second.call.fail(new PolicyError('denied', 'x'));
    expect((await poll(second.call.id)).status).toBe(403);
    hold();
    await expect(poll(second.call.id)).rejects.toMatchObject({ code: 'gone' });
    expect((await poll(first.call.id)).status).toBe(202);
  });

  it('is made by results that have had their time', () => {
    const { hold, time } = setUp({ maxCalls: 1, keepFor: 60 });
    hold().call.fail(new PolicyError('denied', 'x'));
    time.advance(60);
    expect(() => hold()).not.toThrow();
  });
});
