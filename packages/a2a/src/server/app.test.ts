import { proxySecretHeader } from '@aauth-stack/aauth/resource';
import { afterEach, describe, expect, it } from 'vitest';
import {
  agentNamed,
  call,
  currentMessage,
  events,
  forwardedFor,
  jsonOf,
  legacyMessage,
  startAgent,
  type TestAgent,
} from '../../test/agent.ts';

const v1 = { 'a2a-version': '1.0' };
const running: TestAgent[] = [];

async function start(...args: Parameters<typeof startAgent>): Promise<TestAgent> {
  const agent = await startAgent(...args);
  running.push(agent);
  return agent;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((agent) => agent.close()));
});

describe('sending a message', () => {
  it('message/send (0.3) answers with a message of a text and a data part', async () => {
    const agent = await start();
    const response = await call(agent, 'message/send', legacyMessage('hello'));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      jsonrpc: '2.0',
      id: 7,
      result: {
        kind: 'message',
        role: 'agent',
        messageId: expect.any(String),
        parts: [
          { kind: 'text', text: '# Echo\n\nhello' },
          { kind: 'data', data: { kind: 'echo', text: 'hello', caller: agentNamed('alice') } },
        ],
      },
    });
  });

  it.each([[v1], [{}]])('SendMessage (1.0) answers with the same, headers %j', async (headers) => {
    const agent = await start();
    const response = await call(agent, 'SendMessage', currentMessage('hello'), headers);
    expect(await response.json()).toMatchObject({
      id: 7,
      result: {
        message: {
          role: 'ROLE_AGENT',
          parts: [{ text: '# Echo\n\nhello' }, { data: { kind: 'echo', caller: agentNamed('alice') } }],
        },
      },
    });
  });

  it('message/stream (0.3) sends the task, its status, the reply and the end as events', async () => {
    const agent = await start(async ({ onStatus }) => {
      onStatus('thinking');
      return { text: 'done', data: { kind: 'done' } };
    });
    const response = await call(agent, 'message/stream', legacyMessage('hello'));
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const results = (await events(response)).map((event) => event.result);
    expect(results.map((result) => result.kind)).toEqual(['task', 'status-update', 'artifact-update', 'status-update']);
    expect(results[1].status.message.parts[0].text).toBe('thinking');
    expect(results[2].artifact.parts[1].data).toEqual({ kind: 'done' });
    expect(results[3]).toMatchObject({ final: true, status: { state: 'completed' } });
  });

  it('SendStreamingMessage (1.0) does the same', async () => {
    const agent = await start();
    const results = (await events(await call(agent, 'SendStreamingMessage', currentMessage('hello'), v1))).map(
      (event) => event.result,
    );
    expect(results.flatMap((result) => Object.keys(result))).toEqual(['task', 'artifactUpdate', 'statusUpdate']);
    expect(results[2].statusUpdate.status.state).toBe('TASK_STATE_COMPLETED');
  });

  it('joins the text parts of a message', async () => {
    const agent = await start();
    const parts = [{ text: 'one' }, { data: { ignored: true } }, { text: 'two' }];
    await call(agent, 'SendMessage', { message: { role: 'ROLE_USER', messageId: 'm', parts } }, v1);
    expect(agent.executed).toEqual(['one\ntwo']);
  });
});

describe('tasks', () => {
  async function finishedTask(agent: TestAgent): Promise<string> {
    const { result } = await jsonOf(call(agent, 'message/send', legacyMessage('hello')));
    return result.taskId;
  }

  it('a finished task can be asked for, in both versions', async () => {
    const agent = await start();
    const id = await finishedTask(agent);
    expect(await jsonOf(call(agent, 'tasks/get', { id }))).toMatchObject({
      result: {
        kind: 'task',
        id,
        status: { state: 'completed' },
        artifacts: [{ parts: [{ text: '# Echo\n\nhello' }, { data: { kind: 'echo' } }] }],
        history: [{ role: 'user' }],
      },
    });
    expect(await jsonOf(call(agent, 'GetTask', { id }, v1))).toMatchObject({
      result: { id, status: { state: 'TASK_STATE_COMPLETED' } },
    });
  });

  it('a task is visible to its owner only', async () => {
    const agent = await start();
    const id = await finishedTask(agent);
    const response = await call(agent, 'tasks/get', { id }, forwardedFor('mallory'));
    expect(await response.json()).toMatchObject({ error: { code: -32001 } });
    const listed = await call(agent, 'ListTasks', {}, { ...v1, ...forwardedFor('mallory') });
    expect(await listed.json()).toMatchObject({ result: { tasks: [] } });
  });

  it('older tasks are forgotten, newer ones are not', async () => {
    const agent = await start(undefined, { maxTasks: 1 });
    const ids = [await finishedTask(agent), await finishedTask(agent), await finishedTask(agent)];
    const found = await Promise.all(
      ids.map(async (id) => 'result' in (await jsonOf(call(agent, 'tasks/get', { id })))),
    );
    expect(found).toEqual([false, true, true]);
  });

  it('a task that fails is answered as failed, logged, and its reason stays inside', async () => {
    const agent = await start(async () => {
      throw new Error('the password is swordfish');
    });
    const text = await (await call(agent, 'message/send', legacyMessage('hello'))).text();
    expect(JSON.parse(text)).toMatchObject({ result: { kind: 'task', status: { state: 'failed' } } });
    expect(text).not.toContain('swordfish');
    expect(agent.lines).toEqual([{ level: 'error', message: 'the agent could not answer' }]);
  });

  it('a running task can be canceled, which aborts its work', async () => {
    const aborted = Promise.withResolvers<void>();
    const agent = await start(async ({ signal }) => {
      const ended = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => {
        aborted.resolve();
        ended.reject(signal.reason);
      });
      return ended.promise;
    });
    const params = { ...legacyMessage('hello'), configuration: { blocking: false } };
    const { result } = await jsonOf(call(agent, 'message/send', params));
    expect(result).toMatchObject({ kind: 'task', status: { state: 'working' } });
    const canceled = await call(agent, 'tasks/cancel', { id: result.id });
    expect(await canceled.json()).toMatchObject({ result: { status: { state: 'canceled' } } });
    await aborted.promise;
    expect(agent.lines).toEqual([]);
  });

  it('a task outlives the client that watched it', async () => {
    const released = Promise.withResolvers<void>();
    const agent = await start(async () => {
      await released.promise;
      return { text: 'done' };
    });
    const abort = new AbortController();
    const response = await fetch(agent.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...forwardedFor('alice') },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'message/stream', params: legacyMessage('hello') }),
      signal: abort.signal,
    });
    const reader = response.body?.getReader();
    const first = new TextDecoder().decode((await reader?.read())?.value);
    const { id } = JSON.parse(first.slice('data: '.length)).result;
    abort.abort();
    released.resolve();
    await expect
      .poll(async () => (await jsonOf(call(agent, 'tasks/get', { id }))).result.status.state)
      .toBe('completed');
  });
});

describe('cards', () => {
  it('W3: without A2A-Version the card, open at both its paths, is a 0.3 one', async () => {
    const agent = await start();
    for (const path of ['.well-known/agent-card.json', '.well-known/agent.json']) {
      const response = await fetch(agent.url + path);
      expect(response.headers.get('vary')).toContain('A2A-Version');
      expect(await response.json()).toMatchObject({
        protocolVersion: '0.3.0',
        preferredTransport: 'JSONRPC',
        url: 'http://echo.localhost:3000/',
        name: 'Echo Agent',
        version: '1.0.0',
        provider: { organization: 'Demo Corp IT Department', url: 'https://demo.corp/it' },
        supportsAuthenticatedExtendedCard: true,
        defaultInputModes: ['text/plain', 'application/json'],
        securitySchemes: { bearerAuth: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
        security: [{ bearerAuth: ['echo:say'] }],
        skills: [{ id: 'echo' }],
      });
    }
  });

  it('with A2A-Version 1.0 it is a 1.0 one', async () => {
    const agent = await start();
    const card = await jsonOf(fetch(`${agent.url}.well-known/agent-card.json`, { headers: v1 }));
    expect(card).not.toHaveProperty('protocolVersion');
    expect(card).not.toHaveProperty('preferredTransport');
    expect(card.supportedInterfaces).toMatchObject([
      { url: 'http://echo.localhost:3000/', protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
      { url: 'http://echo.localhost:3000/', protocolBinding: 'JSONRPC', protocolVersion: '0.3' },
    ]);
    expect(card.securitySchemes.bearerAuth).toHaveProperty('httpAuthSecurityScheme.bearerFormat', 'JWT');
  });

  it('the extended card is for known callers, by GET and by JSON-RPC in both versions', async () => {
    const agent = await start();
    const extended = { name: 'Echo Agent - Extended Edition', version: '1.0.1', skills: [{}, { id: 'shout' }] };
    const headers = forwardedFor('alice');
    const response = await fetch(`${agent.url}agent/authenticatedExtendedCard`, { headers });
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toMatchObject(extended);
    const legacy = await call(agent, 'agent/getAuthenticatedExtendedCard', {});
    expect(await legacy.json()).toMatchObject({ result: { ...extended, preferredTransport: 'JSONRPC' } });
    const current = await call(agent, 'GetExtendedAgentCard', {}, v1);
    expect(await current.json()).toMatchObject({ result: extended });
  });
});

describe('what is refused', () => {
  describe.each([
    ['POST', ''],
    ['GET', 'agent/authenticatedExtendedCard'],
  ])('W6: %s /%s', (method, path) => {
    const send = (agent: TestAgent, headers: Record<string, string>) =>
      fetch(agent.url + path, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...(method === 'POST'
          ? { body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'message/send', params: legacyMessage('hi') }) }
          : {}),
      });
    const { [proxySecretHeader]: secret = '', ...identity } = forwardedFor('alice');

    it.each([
      ['no proxy headers at all', {}],
      ['forged x-aauth-* without the secret', identity],
      ['a wrong secret', { ...identity, [proxySecretHeader]: `${secret.slice(0, -1)}!` }],
      ['the secret in the wrong header', { ...identity, 'x-aauth-token': secret }],
      ['the secret, but a request that the proxy did not verify', { [proxySecretHeader]: secret }],
    ])('%s: 403, a log line, nothing executed', async (_name, headers) => {
      const agent = await start();
      expect((await send(agent, forwardedFor('alice'))).status).toBe(200);
      const before = agent.executed.length;
      const refused = await send(agent, headers);
      expect(refused.status).toBe(403);
      expect(refused.headers.get('content-type')).toBe('application/problem+json');
      expect(refused.headers.has('signature-error')).toBe(false);
      expect(await refused.json()).toMatchObject({
        error: 'denied',
        detail: 'Call this agent at http://echo.localhost:3000/, signed.',
      });
      expect(agent.executed).toHaveLength(before);
      expect(agent.lines).toMatchObject([{ level: 'warn' }]);
    });
  });

  const textOfMessage = (text: string) =>
    JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'message/send', params: legacyMessage('%') }).replace('%', text);

  it('nothing, where a text has characters beyond those that most have', async () => {
    const agent = await start();
    const headers = { 'content-type': 'application/json', ...forwardedFor('alice') };
    const response = await fetch(agent.url, {
      method: 'POST',
      headers,
      body: textOfMessage('\\ud83d\\ude00 \\\\u0000'),
    });
    expect(response.status).toBe(200);
    expect(agent.executed).toEqual(['😀 \\u0000']);
  });

  it.each([
    ['malformed JSON', '{', 400, -32_700],
    ['a batch', '[]', 400, -32_600],
    ['null', 'null', 400, -32_600],
    ['a text with NUL', textOfMessage('a\\u0000'), 400, -32_600],
    ['half of a character', textOfMessage('\\ud83d'), 400, -32_600],
    ['the same in a name', '{"jsonrpc":"2.0","id":7,"a\\udc00":1}', 400, -32_600],
    ['no method', '{"jsonrpc":"2.0","id":7}', 200, -32_600],
    ['an unknown method', '{"jsonrpc":"2.0","id":7,"method":"x","params":{}}', 200, -32_601],
    ['no message', '{"jsonrpc":"2.0","id":7,"method":"message/send","params":{}}', 200, expect.any(Number)],
  ])('%s', async (_name, body, status, code) => {
    const agent = await start();
    const headers = { 'content-type': 'application/json', ...forwardedFor('alice') };
    const response = await fetch(agent.url, { method: 'POST', headers, body });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ jsonrpc: '2.0', error: { code } });
    expect(agent.executed).toEqual([]);
  });

  it('a version that is not spoken here', async () => {
    const agent = await start();
    const response = await call(agent, 'SendMessage', currentMessage('hello'), { 'a2a-version': '2.0' });
    expect(await response.json()).toMatchObject({ id: 7, error: { message: expect.stringContaining('2.0') } });
    expect(agent.executed).toEqual([]);
  });

  it('another content type: 415; a body over 1 MiB: 413', async () => {
    const agent = await start();
    expect((await call(agent, 'message/send', legacyMessage('x'), { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await call(agent, 'message/send', legacyMessage('x'.repeat(1024 * 1024)))).status).toBe(413);
    expect(agent.executed).toEqual([]);
  });

  it('a body of unannounced length over 1 MiB: 413; a shorter one is answered', async () => {
    const agent = await start();
    const headers = { ...forwardedFor('alice'), 'content-type': 'application/json' };
    const chunked = (text: string) => {
      const params = legacyMessage(text);
      const body = new Blob([JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'message/send', params })]).stream();
      return fetch(agent.url, { method: 'POST', headers, body, duplex: 'half' });
    };
    expect((await chunked('x'.repeat(1024 * 1024))).status).toBe(413);
    expect(agent.executed).toEqual([]);
    expect((await chunked('hello')).status).toBe(200);
    expect(agent.executed).toEqual(['hello']);
  });
});
