import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { send } from '../testing/client.ts';
import { startProxy, type TestProxy } from '../testing/proxy.ts';

let proxy: TestProxy;

beforeAll(async () => {
  const rule = /extauthz\.sub\.endsWith\("@\$\{[^}]*\}"\)/g;
  proxy = await startProxy({ gateway: (text) => text.replace(rule, 'a2a.method == "message/send"') });
});

afterAll(() => proxy.close());

beforeEach(() => {
  proxy.clock.now += 1;
});

const call = (method: unknown) => proxy.signed({ body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: {} }) });

test('rules see which method of the agent is called', async () => {
  const reached = proxy.backend.count();
  expect((await send(proxy.port, await call('message/send'))).status).toBe(200);
  expect(proxy.backend.count()).toBe(reached + 1);
  const access = proxy.lines().findLast((line) => line.route === 'a2a-authed');
  expect(access).toMatchObject({ 'a2a.method': 'message/send', status: 200 });
});

test.each(['message/stream', 'tasks/cancel', 7, null])(
  'a call of %j is refused, and reaches nobody',
  async (method) => {
    const reached = proxy.backend.count();
    const answer = await send(proxy.port, await call(method));
    expect([answer.status, JSON.parse(answer.text).error]).toEqual([403, 'denied']);
    expect(proxy.backend.count()).toBe(reached);
  },
);

test('a body that is no call names no method', async () => {
  for (const body of ['[{"jsonrpc":"2.0","id":1,"method":"message/send"}]', '{"method"']) {
    proxy.clock.now += 1;
    expect((await send(proxy.port, await proxy.signed({ body }))).status).toBe(403);
  }
});

// Read by the last of two members, the first of these calls what the rule lets pass.
test.each(['"method":"tasks/cancel","method":"message/send"', '"method":"message/send","Method":"tasks/cancel"'])(
  'a body that two readers could read differently names no method: %s',
  async (members) => {
    const withMembers = (text: string) => proxy.signed({ body: `{"jsonrpc":"2.0","id":1,${text},"params":{}}` });
    expect((await send(proxy.port, await withMembers('"method":"message/send"'))).status).toBe(200);
    const reached = proxy.backend.count();
    proxy.clock.now += 1;
    expect((await send(proxy.port, await withMembers(members))).status).toBe(403);
    expect(proxy.backend.count()).toBe(reached);
  },
);
