import { describe, expect, it, onTestFinished } from 'vitest';
import { setUpAgentAccess } from '../../test/support/agent-access.ts';
import { DeferredError } from '../errors.ts';
import type { AgentEvent } from './agent-events.ts';

const isoTime = (seconds: number) => new Date(seconds * 1000).toISOString();
const kinds = (events: readonly AgentEvent[]) =>
  events.flatMap((event) => ('awaiting' in event ? [`${event.type} ${event.awaiting}`] : []));

describe('W10: a request that waits for the person', () => {
  it('is waited for as long as the person server keeps it', async () => {
    const { agentFetch, url, personServer, clock, slept } = await setUpAgentAccess({ lifetime: 7200 });
    const expires = clock.now() + 3000;
    personServer.decision = 'pending';
    personServer.pending = { retryAfter: 30, members: { expires_at: isoTime(expires) } };
    personServer.instead = ({ method }) => {
      if (method === 'GET' && clock.now() >= expires - 30) personServer.decision = 'grant';
      return undefined;
    };
    expect((await agentFetch(url)).status).toBe(200);
    expect(slept.reduce((sum, seconds) => sum + seconds, 0)).toBeGreaterThan(2900);
  });

  it('is given up a little after the person server should have ended it', async () => {
    const { agentFetch, url, personServer, clock } = await setUpAgentAccess();
    const started = clock.now();
    personServer.decision = 'pending';
    personServer.pending = { retryAfter: 30, members: { expires_at: isoTime(started + 1200) } };
    await expect(agentFetch(url)).rejects.toMatchObject({ name: 'DeferredError', code: 'expired' });
    expect(clock.now() - started).toBe(1210);
  });

  it.each([
    ['does not say how long it keeps it', {}, undefined, 600],
    ['says it in a way that nobody understands', { expires_at: 'soon' }, undefined, 600],
    ['keeps it for ever', { expires_at: '9999-12-31T00:00:00Z' }, undefined, 86_400],
    ['keeps it longer than the agent has time', { expires_at: '9999-12-31T00:00:00Z' }, 45, 45],
  ])('at a person server that %s is given up in time', async (_, members, maxWait, seconds) => {
    // An agent token that lives as long as the wait: polls present it.
    const { agentFetch, url, personServer, clock } = await setUpAgentAccess({ agent: { maxWait }, lifetime: 86_400 });
    const started = clock.now();
    personServer.decision = 'pending';
    personServer.pending = { retryAfter: 600, members };
    await expect(agentFetch(url)).rejects.toMatchObject({ name: 'DeferredError', code: 'expired' });
    expect(clock.now() - started).toBe(seconds);
  });
});

describe('what was deferred', () => {
  it('is said to be settled once it is answered, before what follows', async () => {
    const { agentFetch, url, personServer, events } = await setUpAgentAccess();
    let polls = 0;
    personServer.decision = 'pending';
    personServer.instead = ({ method, target }) => {
      if (method === 'POST') personServer.decision = 'pending';
      if (target.startsWith('/pending/')) polls += 1;
      if (method === 'GET' && polls % 2 === 0) personServer.decision = 'grant';
      return undefined;
    };
    expect((await agentFetch(url)).status).toBe(200);
    expect(kinds(events)).toEqual([
      'deferred person-token',
      'settled person-token',
      'deferred auth-token',
      'settled auth-token',
    ]);
    const settled = events.findIndex(({ type }) => type === 'settled');
    expect(events[settled + 1]?.type).toBe('person-token-received');
  });

  it('is said to be settled when it fails', async () => {
    const { agentFetch, url, personServer, events } = await setUpAgentAccess();
    personServer.decision = 'pending';
    personServer.instead = ({ target }) =>
      target.startsWith('/pending/') ? Response.json({ error: 'denied', detail: 'No.' }, { status: 403 }) : undefined;
    await expect(agentFetch(url)).rejects.toMatchObject({ name: 'DeferredError', code: 'denied' });
    expect(kinds(events)).toEqual(['deferred person-token', 'settled person-token']);
  });

  it('is nothing to speak of where nothing was deferred', async () => {
    const { agentFetch, url, events } = await setUpAgentAccess();
    await agentFetch(url);
    expect(kinds(events)).toEqual([]);
  });
});

describe('what nobody waits for any more', () => {
  const abandoned = () => new DeferredError('abandoned', 'The work was given up.');
  const takenBack = [{ method: 'DELETE', target: '/pending/1', body: undefined }];

  /** Calls of one agent to one resource that all wait for the person. */
  async function waitingCalls(count: number) {
    const world = await setUpAgentAccess();
    const { agentFetch, url, personServer } = world;
    const isAsked = Promise.withResolvers<void>();
    const released = Promise.withResolvers<undefined>();
    onTestFinished(() => released.resolve(undefined));
    personServer.decision = 'pending';
    personServer.instead = ({ method, target }) => {
      if (method !== 'GET' || !target.startsWith('/pending/')) return undefined;
      isAsked.resolve();
      return released.promise;
    };
    const calls = Array.from({ length: count }, () => {
      const leaving = new AbortController();
      return { leaving, response: agentFetch(url, { signal: leaving.signal }) };
    });
    await isAsked.promise;
    return { ...world, calls };
  }

  it('is taken back when the work was given up', async () => {
    const { calls, personServer } = await waitingCalls(1);
    const [call] = calls;
    const reason = abandoned();
    call?.leaving.abort(reason);
    await expect(call?.response).rejects.toBe(reason);
    await expect.poll(() => personServer.replies).toEqual(takenBack);
  });

  it('stays when the agent only stops', async () => {
    const { calls, personServer } = await waitingCalls(1);
    const [call] = calls;
    call?.leaving.abort();
    await expect(call?.response).rejects.toMatchObject({ name: 'AbortError' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(personServer.replies).toEqual([]);
  });

  it('stays while somebody else waits for it', async () => {
    const { calls, personServer } = await waitingCalls(2);
    const [first, second] = calls;
    first?.leaving.abort(abandoned());
    await expect(first?.response).rejects.toMatchObject({ code: 'abandoned' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(personServer.replies).toEqual([]);
    second?.leaving.abort(abandoned());
    await expect(second?.response).rejects.toMatchObject({ code: 'abandoned' });
    await expect.poll(() => personServer.replies).toEqual(takenBack);
  });
});
