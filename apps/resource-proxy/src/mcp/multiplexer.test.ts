import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { connectMcp } from '../testing/mcp-client.ts';
import { startMcpServer, type TestMcpServer } from '../testing/mcp-server.ts';
import { startProxy, type TestProxy } from '../testing/proxy.ts';

// Processes and several servers a test: a busy machine is not a failure.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

type TestClient = Awaited<ReturnType<typeof connectMcp>>;

const program = fileURLToPath(new URL('../testing/stdio-server.ts', import.meta.url));
const wait = { timeout: 30_000 };

let directory: string;
let trace: string;
let stock: TestMcpServer;
let proxy: TestProxy;
const clients: TestClient[] = [];

/** The route of the demo's inventory, with a server over HTTP and a process behind it. */
const withTargets = (rules: readonly string[], stockPort: number) => (text: string) => {
  const start = text.indexOf('              mcpAuthorization:');
  const end = text.indexOf('          - name: aauth-metadata', start);
  return `${text.slice(0, start)}${
    rules.length > 0
      ? `              mcpAuthorization:
                rules:
${rules.map((rule) => `                  - ${rule}`).join('\n')}
`
      : ''
  }            backends:
              - mcp:
                  targets:
                    - name: stock
                      mcp:
                        host: 127.0.0.1
                        port: ${stockPort}
                        path: /mcp
                    - name: tools
                      stdio:
                        cmd: ${process.execPath}
                        args: ["${program}"]
                        env:
                          TRACE: ${trace}

${text.slice(end)}`;
};

async function start(rules: readonly string[] = []): Promise<void> {
  proxy = await startProxy({
    gateway: withTargets(rules, stock.port),
    environment: { A_SECRET_OF_THE_PROXY: 'hidden' },
  });
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'multiplexer-'));
  trace = join(directory, 'trace');
  writeFileSync(trace, '');
  stock = await startMcpServer();
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  stock.cut();
  await proxy.close();
  await stock.close();
  rmSync(directory, { recursive: true });
});

async function connect(port = proxy.port, agent = proxy.agent): Promise<TestClient> {
  // Two clients of one agent that do the same within one second would repeat each other's requests.
  proxy.clock.now += 1;
  const client = await connectMcp({
    url: `http://inventory.localhost:${proxy.port}/mcp`,
    presents: { token: agent.token, key: agent.key },
    now: () => proxy.clock.now,
    port,
  });
  clients.push(client);
  return client;
}

const noted = () => readFileSync(trace, 'utf8').trim().split('\n');
const names = async ({ client }: TestClient) => (await client.listTools()).tools.map(({ name }) => name).sort();
const echo = (name: string) => ({ name, arguments: { text: 'hi' } });

describe('several servers are one', () => {
  test('with the tools of all, whose names cannot collide, and prompts', async () => {
    await start();
    const connected = await connect();
    expect(await names(connected)).toEqual([
      'stock_echo',
      'stock_place_purchase_order',
      'stock_slow',
      'tools_die',
      'tools_echo',
      'tools_environment',
      'tools_hang',
    ]);
    const { client } = connected;
    const [one, other] = [await client.callTool(echo('stock_echo')), await client.callTool(echo('tools_echo'))];
    expect([one.content, other.content]).toEqual([
      [{ type: 'text', text: 'echo: hi' }],
      [{ type: 'text', text: 'from the process: hi' }],
    ]);
    expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual(['stock_greet']);
    expect((await client.getPrompt({ name: 'stock_greet' })).messages).toHaveLength(1);
    for (const name of ['echo', 'stock', 'nobody_echo', 'stock_nothing', '_echo', '']) {
      const refused = await client.callTool(echo(name)).then(
        (result) => result.isError,
        (error: { code: number }) => error.code,
      );
      expect([true, -32_602]).toContain(refused);
    }
  });

  test('an HTTP server is told who calls, in a session of its own for each; a process is given nothing of this one’s', async () => {
    await start();
    const [first, second] = [await connect(), await connect()];
    await first.client.callTool(echo('stock_echo'));
    proxy.clock.now += 1;
    await second.client.callTool(echo('stock_echo'));
    expect(stock.sessions()).toBe(2);
    for (const { headers } of stock.requests) {
      expect(headers).toMatchObject({ 'x-aauth-level': 'identified', 'x-aauth-agent': proxy.agent.id });
      expect(headers['x-aauth-proxy-secret']).toBeDefined();
      expect(headers.signature).toBeUndefined();
    }
    await first.transport.terminateSession();
    expect(stock.sessions()).toBe(1);
    const { content } = await second.client.callTool({ name: 'tools_environment', arguments: {} });
    expect(JSON.stringify(content)).toContain('TRACE');
    expect(JSON.stringify(content)).not.toMatch(/SECRET|POSTGRES|AAUTH/);
  });

  test('an HTTP server that was started again meanwhile is asked in a new session', async () => {
    await start();
    const { client } = await connect();
    await client.callTool(echo('stock_echo'));
    stock.forget();
    expect((await client.callTool(echo('stock_echo'))).content).toEqual([{ type: 'text', text: 'echo: hi' }]);
    expect(stock.calls).toHaveLength(2);
  });

  test('progress passes as it comes', async () => {
    await start();
    const { client } = await connect();
    const heard: number[] = [];
    const slow = client.callTool({ name: 'stock_slow' }, undefined, {
      onprogress: ({ progress }) => heard.push(progress),
    });
    await expect.poll(() => heard, wait).toEqual([1]);
    stock.step();
    await expect.poll(() => heard, wait).toEqual([1, 2]);
    stock.step();
    expect((await slow).content).toEqual([{ type: 'text', text: 'done at last' }]);
  });

  test.each([
    ['stock_slow', () => stock.calls.length > 0, () => stock.canceled.length > 0],
    ['tools_hang', () => noted().includes('hang'), () => noted().includes('canceled')],
  ])('a cancellation of %s arrives', async (name, isRunning, isCanceled) => {
    await start();
    const { client } = await connect();
    const controller = new AbortController();
    const call = client.callTool({ name, arguments: {} }, undefined, { signal: controller.signal });
    call.catch(() => {});
    await expect.poll(isRunning, wait).toBe(true);
    controller.abort('enough');
    await expect.poll(isCanceled, wait).toBe(true);
  });
});

describe('rules', () => {
  test('see target, tool and arguments: they filter the list, and refuse calls with a proper error', async () => {
    await start([
      'mcp.tool.target == "stock" && mcp.tool.name == "echo"',
      'mcp.tool.target == "tools" && mcp.tool.name == "echo" && mcp.tool.arguments.text == "hi"',
      'mcp.tool.name == "die" && extauthz.agent == "aauth:somebody-else@agent-provider.localhost"',
    ]);
    const connected = await connect();
    const { client } = connected;
    expect(await names(connected)).toEqual(['stock_echo', 'tools_echo']);
    expect((await client.listPrompts()).prompts).toEqual([]);
    await client.callTool(echo('stock_echo'));
    await client.callTool(echo('tools_echo'));
    for (const call of [
      echo('stock_place_purchase_order'),
      echo('tools_die'),
      { name: 'tools_echo', arguments: { text: 'something else' } },
    ]) {
      await expect(client.callTool(call)).rejects.toMatchObject({
        code: -32_003,
        data: { error: 'denied', tool: call.name },
      });
    }
    await expect(client.getPrompt({ name: 'stock_greet' })).rejects.toMatchObject({ code: -32_003 });
    expect(stock.calls.map(({ tool }) => tool)).toEqual(['echo']);
    expect(noted().filter((line) => line.startsWith('start'))).toHaveLength(1);
  });
});

describe('servers that fail', () => {
  test('a process that dies in the middle of a call fails that call, and is started again', async () => {
    await start();
    const { client } = await connect();
    const heard: number[] = [];
    const dying = client.callTool({ name: 'tools_die', arguments: {} }, undefined, {
      onprogress: ({ progress }) => heard.push(progress),
    });
    await expect(dying).rejects.toMatchObject({
      code: -32_000,
      message: expect.stringContaining('tools ended before'),
    });
    expect(heard).toEqual([1]);
    expect((await client.callTool(echo('stock_echo'))).isError).toBeFalsy();
    expect((await client.callTool(echo('tools_echo'))).content).toEqual([
      { type: 'text', text: 'from the process: hi' },
    ]);
    expect(noted().filter((line) => line.startsWith('start'))).toHaveLength(2);
    expect(proxy.lines()).toContainEqual(expect.objectContaining({ target: 'tools', reason: 'it has ended' }));
  });

  test('a server that is down leaves the tools of the others, and a call of its own says so', async () => {
    await start();
    stock.cut();
    await stock.close();
    const connected = await connect();
    expect((await names(connected)).every((name) => name.startsWith('tools_'))).toBe(true);
    await expect(connected.client.callTool(echo('stock_echo'))).rejects.toMatchObject({
      code: -32_000,
      message: expect.stringContaining('stock cannot be reached'),
    });
  });

  test('an HTTP server that dies in the middle of a stream fails the call', async () => {
    await start();
    const { client } = await connect();
    const heard: number[] = [];
    const slow = client.callTool({ name: 'stock_slow' }, undefined, {
      onprogress: ({ progress }) => heard.push(progress),
    });
    slow.catch(() => {});
    await expect.poll(() => heard, wait).toEqual([1]);
    stock.cut();
    await stock.close();
    await expect(slow).rejects.toMatchObject({ code: -32_000 });
  }, 60_000);

  test('the process ends with the proxy', async () => {
    await start();
    await (await connect()).client.callTool(echo('tools_echo'));
    const [, pid] = noted()[0]?.split(' ') ?? [];
    expect(() => process.kill(Number(pid), 0)).not.toThrow();
    for (const client of clients.splice(0)) await client.close();
    await proxy.close();
    expect(() => process.kill(Number(pid), 0)).toThrow();
    await start();
  });
});

describe('a session', () => {
  test('belongs to who opened it, and every replica knows it', async () => {
    await start();
    const { transport } = await connect();
    const sessionId = transport.sessionId ?? '';
    const replica = await proxy.replica();
    const list = async (agent: typeof proxy.agent, session: string, port = proxy.port) => {
      proxy.clock.now += 1;
      const { signed, close } = await connectMcp({
        url: `http://inventory.localhost:${proxy.port}/mcp`,
        presents: { token: agent.token, key: agent.key },
        now: () => proxy.clock.now,
        port,
      });
      const response = await signed(`http://inventory.localhost:${proxy.port}/mcp`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...(session && { 'mcp-session-id': session }),
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: `${proxy.clock.now} ${port}`, method: 'tools/list' }),
      });
      await response.text();
      await close();
      return response.status;
    };
    expect(await list(proxy.agent, sessionId)).toBe(200);
    expect(await list(proxy.agent, sessionId, replica.port)).toBe(200);
    expect(await list(await proxy.provider.agent('another-12345678'), sessionId)).toBe(404);
    expect(await list(proxy.agent, `${sessionId}x`)).toBe(404);
    expect(await list(proxy.agent, 'made-up')).toBe(404);
    expect(await list(proxy.agent, '')).toBe(400);
    stock.cut();
    await replica.close();
  });
});
