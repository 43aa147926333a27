import { poll as pollDeferred } from '@aauth-stack/aauth/deferred';
import { createHeldCalls, type HeldCall } from '@aauth-stack/aauth/resource';
import { afterEach, describe, expect, it } from 'vitest';
import { call, events, forwardedFor, legacyMessage, startAgent, type TestAgent } from '../../test/agent.ts';
import { createA2AClient } from '../client/client.ts';
import type { AgentRequest } from './executor.ts';

const approval = { requirement: 'approval' } as const;
const running: TestAgent[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((agent) => agent.close()));
});

/** An agent that is told by the test what to do about each call, and when. */
async function start() {
  const asked: { request: AgentRequest; reply: PromiseWithResolvers<string> }[] = [];
  const arrival = Promise.withResolvers<void>();
  let time = 1_790_000_000;
  const agent = await startAgent(
    async (request) => {
      const reply = Promise.withResolvers<string>();
      asked.push({ request, reply });
      arrival.resolve();
      return { text: await reply.promise, data: { kind: 'done' } };
    },
    { heldCalls: createHeldCalls({ now: () => time }) },
  );
  running.push(agent);
  return {
    agent,
    /** The call that has just come. */
    async arrived() {
      await arrival.promise;
      const [first] = asked;
      if (!first) throw new TypeError('Nothing has come.');
      return first;
    },
    /** What an agent's fetch does about a 202, without signatures. */
    async comeBack(input: string | URL | Request, init?: RequestInit): Promise<Response> {
      const send = (url: string | URL | Request, request?: RequestInit) =>
        fetch(url, {
          ...request,
          headers: { ...Object.fromEntries(new Headers(request?.headers)), ...forwardedFor('alice') },
        });
      const sleep = async (seconds: number) => {
        time += seconds;
      };
      return pollDeferred(send, await send(input, init), { now: () => time, sleep, deadline: time + 60, wait: 1 });
    },
    /** A request for a held call, after its Retry-After. */
    poll(response: Response, { method = 'GET', name = 'alice' } = {}) {
      time += 2;
      const url = new URL(response.headers.get('location') ?? '', agent.url);
      return fetch(url, { method, headers: forwardedFor(name) });
    },
  };
}

function hold({ answerLater }: AgentRequest): HeldCall {
  const held = answerLater.hold();
  if (!held) throw new TypeError('Nothing is held.');
  held.require(approval);
  return held;
}

describe.each([
  ['message/send', 'application/json'],
  ['message/stream', 'text/event-stream'],
])('a %s whose answer is put off', (method, type) => {
  it('is a 202, and polls bring what would have been the answer, as it was asked for', async () => {
    const { agent, arrived, poll } = await start();
    const sent = call(agent, method, legacyMessage('hello'));
    const { request, reply } = await arrived();
    request.onStatus('asking somebody');
    const held = hold(request);
    expect(request.answerLater.hold()).toBe(held);
    const response = await sent;
    expect([response.status, response.headers.get('aauth-requirement')]).toEqual([202, 'requirement=approval']);
    expect(await response.json()).toEqual({ status: 'pending' });
    expect((await poll(response)).status).toBe(202);

    reply.resolve('done');
    await expect.poll(async () => (await poll(response)).status).toBe(200);
    for (const _ of [1, 2]) {
      const result = await poll(response);
      expect(result.headers.get('content-type')).toContain(type);
      const text = await result.text();
      expect(text).toContain('"text":"done"');
      if (method === 'message/stream') expect(text).toContain('asking somebody');
    }
    expect(agent.executed).toEqual(['hello']);
  });

  it('is what the client of an agent that comes back gets', async () => {
    const { agent, arrived, comeBack } = await start();
    const client = createA2AClient({ url: agent.url, fetch: comeBack });
    const sent = client.send('hello', method === 'message/stream' ? { onStatus: () => {} } : {});
    const { request, reply } = await arrived();
    hold(request);
    reply.resolve('done');
    expect(await sent).toEqual({ text: 'done', data: { kind: 'done' } });
  });

  it('is nobody else’s, and does not pass the proxy by', async () => {
    const { agent, arrived, poll } = await start();
    const sent = call(agent, method, legacyMessage('hello'));
    const { request, reply } = await arrived();
    hold(request);
    const response = await sent;
    expect((await poll(response)).status).toBe(202);
    const stranger = await poll(response, { name: 'bob' });
    expect(stranger.status).toBe(404);
    const direct = await fetch(new URL(response.headers.get('location') ?? '', agent.url));
    expect(direct.status).toBe(403);
    expect(agent.lines.at(-1)?.message).toContain('did not come verified by the proxy');
    reply.resolve('done');
  });

  it('can be cancelled', async () => {
    const { agent, arrived, poll } = await start();
    const sent = call(agent, method, legacyMessage('hello'));
    const { request } = await arrived();
    hold(request);
    const response = await sent;
    expect((await poll(response, { method: 'DELETE' })).status).toBe(204);
    expect(request.signal.aborted).toBe(true);
    const gone = await poll(response);
    expect(gone.status).toBe(410);
    expect(await gone.json()).toMatchObject({ error: 'gone' });
  });
});

describe('an agent that holds calls', () => {
  it('begins to stream when it says so, and holds nothing after that', async () => {
    const { agent, arrived } = await start();
    const sent = call(agent, 'message/stream', legacyMessage('hello'));
    const { request, reply } = await arrived();
    request.onStatus('asking somebody');
    request.answerLater.begin();
    const response = await sent;
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(request.answerLater.hold()).toBeUndefined();
    reply.resolve('done');
    const kinds = (await events(response)).map((event) => event.result.kind);
    expect(kinds).toEqual(['task', 'status-update', 'artifact-update', 'status-update']);
  });

  it('answers at once what needs no work', async () => {
    const { agent } = await start();
    const response = await call(agent, 'tasks/get', { id: 'unknown' });
    expect(await response.json()).toMatchObject({ error: { code: -32_001 } });
  });

  it('knows what its caller can handle', async () => {
    const { agent, arrived } = await start();
    const headers = { 'aauth-capabilities': 'interaction, clarification' };
    const sent = call(agent, 'message/send', legacyMessage('hello'), headers);
    const { request, reply } = await arrived();
    expect(request.capabilities).toEqual(['interaction', 'clarification']);
    reply.resolve('done');
    expect((await sent).status).toBe(200);
  });

  it('fails a held call with what went wrong', async () => {
    const { agent, arrived, poll } = await start();
    const sent = call(agent, 'message/send', legacyMessage('hello'));
    const { request, reply } = await arrived();
    hold(request);
    const response = await sent;
    reply.reject(new Error('boom'));
    await expect.poll(async () => (await poll(response)).status).toBe(200);
    expect(await (await poll(response)).text()).toContain('The agent could not answer.');
  });
});

it('an agent that holds no calls begins at once, and cannot put an answer off', async () => {
  const held: unknown[] = [];
  const agent = await startAgent(async ({ answerLater }) => {
    held.push(answerLater.hold());
    answerLater.begin();
    return { text: 'done' };
  });
  running.push(agent);
  expect((await call(agent, 'message/send', legacyMessage('hello'))).status).toBe(200);
  expect(held).toEqual([undefined]);
  const response = await fetch(new URL('/pending/x', agent.url), { headers: forwardedFor('alice') });
  expect(response.status).toBe(404);
});
