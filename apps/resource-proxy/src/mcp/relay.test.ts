import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { connectMcp } from '../testing/mcp-client.ts';
import { startMcpServer, type TestMcpServer } from '../testing/mcp-server.ts';
import { startProxy, type TestProxy } from '../testing/proxy.ts';

// Processes and several servers a test: a busy machine is not a failure.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

type TestClient = Awaited<ReturnType<typeof connectMcp>>;

let server: TestMcpServer;
let proxy: TestProxy;
let inventory: string;
const clients: TestClient[] = [];

beforeEach(async () => {
  server = await startMcpServer();
  proxy = await startProxy({
    mode: 'mode3',
    environment: { INVENTORY_HOST: '127.0.0.1', INVENTORY_PORT: String(server.port) },
  });
  inventory = `http://inventory.localhost:${proxy.port}`;
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  server.cut();
  await proxy.close();
  await server.close();
});

async function connect(...scope: string[]): Promise<TestClient> {
  const { token } = await proxy.personServer.grant(proxy.agent, inventory, { scope });
  const client = await connectMcp({
    url: `${inventory}/mcp`,
    presents: { token, key: proxy.agent.key },
    now: () => proxy.clock.now,
  });
  clients.push(client);
  return client;
}

const toolCall = (params: string) =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{${params},"arguments":{}}}`;
const order = { name: 'place_purchase_order', arguments: { text: 'ten' } };
const postLine = (line: Record<string, unknown>) => line.method === 'POST' && line.route === 'mcp';

describe('rules about tools', () => {
  test('leave out of the list what nobody with these scopes may call, and refuse its call with a proper error', async () => {
    const { client } = await connect('inventory:read');
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['echo', 'slow']);
    expect((await client.listPrompts()).prompts).toHaveLength(1);
    expect((await client.readResource({ uri: 'test://readme' })).contents).toHaveLength(1);
    expect((await client.callTool({ name: 'echo', arguments: { text: 'hi' } })).content).toEqual([
      { type: 'text', text: 'echo: hi' },
    ]);

    await expect(client.callTool(order)).rejects.toMatchObject({
      code: -32_003,
      message: expect.stringContaining('does not admit the tool place_purchase_order'),
      data: { error: 'denied', tool: 'place_purchase_order' },
    });
    expect(server.calls.map(({ tool }) => tool)).toEqual(['echo']);
    expect(proxy.lines().filter(({ msg }) => msg === 'mcp')).toEqual([
      expect.objectContaining({
        mcp_method: 'tools/call',
        tool: 'place_purchase_order',
        scope: 'inventory:read',
        result: 'denied',
      }),
    ]);
  });

  test('show and admit it with the scope', async () => {
    const { client } = await connect('inventory:read', 'inventory:order');
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['echo', 'place_purchase_order', 'slow']);
    await client.callTool(order);
    expect(server.calls).toEqual([{ tool: 'place_purchase_order', input: { text: 'ten' } }]);
  });

  test('go by the arguments too, and a tool that some arguments would open is listed', async () => {
    await proxy.close();
    proxy = await startProxy({
      mode: 'mode3',
      environment: { INVENTORY_HOST: '127.0.0.1', INVENTORY_PORT: String(server.port) },
      gateway: (text) =>
        text.replace(
          '- mcp.tool.name == "place_purchase_order" && "inventory:order" in extauthz.scopes',
          '- mcp.tool.name == "place_purchase_order" && mcp.tool.arguments.text == "ten" && mcp.tool.target == "inventory"',
        ),
    });
    inventory = `http://inventory.localhost:${proxy.port}`;
    const { client } = await connect('inventory:read');
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('place_purchase_order');
    await client.callTool(order);
    await expect(client.callTool({ ...order, arguments: { text: 'eleven' } })).rejects.toMatchObject({ code: -32_003 });
    await expect(client.callTool({ name: order.name })).rejects.toMatchObject({ code: -32_003 });
    expect(server.calls).toHaveLength(1);
  });

  test('a batch with one forbidden call: nothing of it is passed on', async () => {
    const { signed, transport } = await connect('inventory:read');
    const call = (id: number, name: string) => ({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: { name, arguments: {} },
    });
    const post = (body: unknown) =>
      signed(`${inventory}/mcp`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-session-id': transport.sessionId ?? '',
        },
        body: JSON.stringify(body),
      });
    const allowed = await post([call(1, 'echo'), call(2, 'echo')]);
    expect(allowed.status).toBe(200);
    await allowed.text();
    expect(server.calls).toHaveLength(2);
    const posts = () => server.requests.filter(({ method }) => method === 'POST').length;
    const reached = posts();
    const refused = await post([
      call(3, 'echo'),
      call(4, 'place_purchase_order'),
      { jsonrpc: '2.0', method: 'notifications/x' },
    ]);
    expect(refused.status).toBe(200);
    expect(await refused.json()).toEqual([
      {
        jsonrpc: '2.0',
        id: 3,
        error: expect.objectContaining({ message: expect.stringContaining('none was passed on') }),
      },
      {
        jsonrpc: '2.0',
        id: 4,
        error: expect.objectContaining({ code: -32_003, data: { error: 'denied', tool: 'place_purchase_order' } }),
      },
    ]);
    expect(posts()).toBe(reached);
  });

  test.each([
    ['no JSON', '{"jsonrpc"', 400, -32_700],
    ['no JSON-RPC', '{"hello":1}', 400, -32_700],
    ['an empty batch', '[]', 400, -32_700],
    ['a member that stands twice', toolCall('"name":"echo","name":"place_purchase_order"'), 400, -32_700],
    [
      'a member that stands twice, spelled differently',
      toolCall('"name":"place_purchase_order","n\\u0061me":"echo"'),
      400,
      -32_700,
    ],
    [
      'a member that some do not tell from another',
      toolCall('"name":"echo","Name":"place_purchase_order"'),
      400,
      -32_700,
    ],
    [
      'a method that some do not tell from another',
      '{"jsonrpc":"2.0","id":1,"method":"ping","METHOD":"tools/call","params":{}}',
      400,
      -32_700,
    ],
    [
      'more than 1 MiB',
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: { x: 'x'.repeat(1_100_000) } }),
      413,
      -32_600,
    ],
  ])('%s is refused here', async (_what, body, status, code) => {
    const { signed } = await connect('inventory:read');
    const posts = () => server.requests.filter(({ method }) => method === 'POST').length;
    const reached = posts();
    const response = await signed(`${inventory}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body,
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
    expect(posts()).toBe(reached);
  });

  test('PUT is no way to talk to an MCP endpoint', async () => {
    const { signed } = await connect('inventory:read');
    expect((await signed(`${inventory}/mcp`, { method: 'PUT', body: '{}' })).status).toBe(405);
  });
});

describe('sessions, streams, resumption and cancellation pass', () => {
  test('the session is the server’s, and ends there', async () => {
    const { client, transport } = await connect('inventory:read');
    await client.listTools();
    expect(server.sessions()).toBe(1);
    expect(server.requests[0]?.path).toBe('/mcp');
    expect(server.requests.every(({ headers }) => headers['x-aauth-scope'] === 'inventory:read')).toBe(true);
    await transport.terminateSession();
    expect(server.sessions()).toBe(0);
  });

  test('events pass one by one, also where lists are filtered', async () => {
    const { client } = await connect('inventory:read');
    const heard: number[] = [];
    const slow = client.callTool({ name: 'slow' }, undefined, { onprogress: ({ progress }) => heard.push(progress) });
    for (const step of [1, 2]) {
      // Each is heard before the server goes on: a proxy that collects them would hang here.
      await expect.poll(() => heard, { timeout: 30_000 }).toEqual([1, 2].slice(0, step));
      server.step();
    }
    expect((await slow).content).toEqual([{ type: 'text', text: 'done at last' }]);
  });

  test('a stream that broke is resumed', async () => {
    const { client, cut } = await connect('inventory:read');
    const heard: number[] = [];
    const slow = client.callTool({ name: 'slow' }, undefined, { onprogress: ({ progress }) => heard.push(progress) });
    await expect.poll(() => heard, { timeout: 30_000 }).toEqual([1]);
    cut();
    const resumed = () => server.requests.filter(({ headers }) => headers['last-event-id']?.includes('_'));
    await expect.poll(() => resumed().length, { timeout: 30_000 }).toBeGreaterThan(0);
    server.step();
    await expect.poll(() => heard, { timeout: 30_000 }).toEqual([1, 2]);
    server.step();
    expect((await slow).content).toEqual([{ type: 'text', text: 'done at last' }]);
    expect(server.calls.filter(({ tool }) => tool === 'slow')).toHaveLength(1);
  });

  test('a cancellation arrives', async () => {
    const { client } = await connect('inventory:read');
    const controller = new AbortController();
    const slow = client.callTool({ name: 'slow' }, undefined, { signal: controller.signal });
    slow.catch(() => {});
    await expect.poll(() => server.calls.length, { timeout: 30_000 }).toBe(1);
    controller.abort('enough');
    await expect(slow).rejects.toThrow();
    await expect.poll(() => server.canceled, { timeout: 30_000 }).toEqual(['enough']);
  });

  test('a server that dies in the middle of a stream does not look like one that has answered', async () => {
    const { client, transport } = await connect('inventory:read');
    const errors: Error[] = [];
    client.onerror = (error) => errors.push(error);
    const heard: number[] = [];
    const slow = client.callTool({ name: 'slow' }, undefined, {
      onprogress: ({ progress }) => heard.push(progress),
      timeout: 2_000,
    });
    slow.catch(() => {});
    await expect.poll(() => heard, { timeout: 30_000 }).toEqual([1]);
    await server.close();
    await expect.poll(() => errors.map(String).join(), { timeout: 30_000 }).toMatch(/disconnected|502/);
    await transport.close();
    await expect(slow).rejects.toThrow();
  });
});

test('the access log names the method and the tool', async () => {
  const { client } = await connect('inventory:read');
  await client.callTool({ name: 'echo', arguments: {} });
  await expect
    .poll(
      () =>
        proxy
          .lines()
          .filter(postLine)
          .map((line) => [line['mcp.method.name'], line['gen_ai.tool.name']]),
      { timeout: 30_000 },
    )
    .toEqual([
      ['initialize', undefined],
      ['notifications/initialized', undefined],
      ['tools/call', 'echo'],
    ]);
});

test('nobody reaches the server unsigned, and is told what is missing', async () => {
  const connecting = connectMcp({ url: `${inventory}/mcp`, now: () => proxy.clock.now });
  await expect(connecting).rejects.toThrow(/401|Signature/);
  expect(server.requests).toEqual([]);
});
