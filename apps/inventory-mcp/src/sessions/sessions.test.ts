import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Inventory, person, type Replica, startInventory } from '../../test/inventory.ts';

let inventory: Inventory;

beforeEach(async () => {
  inventory = await startInventory();
});

afterEach(() => inventory.close());

const order = { model: 'MacBook Pro', quantity: 10, idempotency_key: 'order-2026-03' };
const levels = (client: Client) => client.callTool({ name: 'get_inventory_levels', arguments: {} });

/** Holds back every order until it is released. */
async function holdOrders() {
  const held = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const transaction = inventory.sql.begin(async (sql) => {
    await sql`lock table purchase_orders in access exclusive mode`;
    locked.resolve();
    await held.promise;
  });
  await locked.promise;
  return async () => {
    held.resolve();
    await transaction;
  };
}

const waitingOrders = async () => {
  const [row] = await inventory.sql<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity
    where application_name = 'inventory-mcp' and wait_event_type = 'Lock' and datname = current_database()`;
  return row?.count;
};

const countOrders = async () =>
  (await inventory.sql<{ count: number }[]>`select count(*)::int as count from purchase_orders`)[0]?.count;

describe('a session', () => {
  it('is known to every replica, and after a restart', async () => {
    const second = await inventory.startReplica();
    let there: Replica = inventory.first;
    const { client, sessionId } = await inventory.connect(person('alice'), () => there);
    expect(sessionId).toMatch(/^[\w-]{22}$/);
    there = second;
    expect((await levels(client)).structuredContent).toMatchObject({ buffer_months: 3 });
    await inventory.first.stop();
    await second.stop();
    there = await inventory.startReplica();
    expect((await levels(client)).structuredContent).toMatchObject({ buffer_months: 3 });
  });

  it('whose answer cannot be stored gets 503 and no word of why; afterwards it goes on', async () => {
    const { client } = await inventory.connect();
    await inventory.sql.unsafe(`
      create function no_disk() returns trigger language plpgsql as
        $$ begin raise exception 'the disk is full' using errcode = '53100'; end $$;
      create trigger no_disk before insert on stream_events for each row execute function no_disk()`);
    const failure = await levels(client).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 503 });
    expect(String(failure)).not.toMatch(/insert|stream_events|disk/);
    await inventory.sql`drop trigger no_disk on stream_events`;
    expect((await levels(client)).structuredContent).toMatchObject({ buffer_months: 3 });
  });

  it('is ended by its client, and after a day without use', async () => {
    const { client, transport } = await inventory.connect();
    await levels(client);
    await transport.terminateSession();
    await expect(levels(client)).rejects.toMatchObject({ code: 400 });
    const { client: idle } = await inventory.connect();
    inventory.clock.now += 24 * 3_600_000 - 1000;
    await levels(idle);
    inventory.clock.now += 24 * 3_600_000 + 1000;
    await expect(levels(idle)).rejects.toMatchObject({ code: 404 });
  });

  it('belongs to who opened it', async () => {
    const { client, sessionId } = await inventory.connect(person('alice', 'inventory:read'));
    await levels(client);
    const list = (headers: Record<string, string>) =>
      post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { ...headers, 'mcp-session-id': sessionId });
    expect((await list(person('alice', 'inventory:read'))).status).toBe(200);
    // The same person with more scopes is still the same person.
    expect((await list(person('alice'))).status).toBe(200);
    expect((await list(person('bob'))).status).toBe(404);
    const agent = {
      ...person('alice'),
      'x-aauth-level': 'identified',
      'x-aauth-agent': 'aauth:alice@agent-provider.localhost:8766',
      'x-aauth-agent-server': 'http://agent-provider.localhost:8766',
      'x-aauth-sub': '',
      'x-aauth-person-server': '',
    };
    expect((await list(agent)).status).toBe(404);
  });
});

describe('a text that no database holds', () => {
  it.each(['\\u0000', 'a\\ud800b', '\\udc00\\ud800'])(
    '%s is refused wherever it stands, and nothing is done',
    async (odd) => {
      const { client, sessionId } = await inventory.connect();
      await levels(client);
      const text = (message: object) => JSON.stringify({ jsonrpc: '2.0', id: 'x', ...message }).replaceAll('%', odd);
      const place = { method: 'tools/call', params: { name: 'place_purchase_order', arguments: order } };
      const bodies = [
        text({ ...place, params: { ...place.params, arguments: { ...order, note: '%' } } }),
        text({ ...place, id: '%' }),
        text({ ...place, params: { ...place.params, name: '%' } }),
        text({ ...place, params: { ...place.params, _meta: { '%': 1 } } }),
        text({ method: 'resources/subscribe', params: { uri: 'inventory://models/%' } }),
        text({ method: 'notifications/cancelled', id: undefined, params: { requestId: '%', reason: '%' } }),
        text({ method: 'initialize', params: { protocolVersion: '%', capabilities: {}, clientInfo: { name: '%' } } }),
      ];
      for (const body of bodies) {
        const refused = await post(body, { ...person('alice'), 'mcp-session-id': sessionId });
        expect(refused.status).toBe(400);
        expect(await refused.json()).toMatchObject({ error: { code: -32_600 }, id: null });
      }
      expect(await countOrders()).toBe(0);
      expect(inventory.captured.lines().filter(({ level }) => level === 'error')).toEqual([]);
      await client.callTool({ name: 'place_purchase_order', arguments: order });
      expect(await countOrders()).toBe(1);
    },
  );
});

describe('a stream', () => {
  it('that breaks goes on where it ended, at another replica, while the first one still works', async () => {
    const second = await inventory.startReplica();
    const release = await holdOrders();
    let there: Replica = inventory.first;
    const { client, cut } = await inventory.connect(person('alice'), () => there);
    const tokens: string[] = [];
    const placed = client.callTool({ name: 'place_purchase_order', arguments: order }, undefined, {
      onresumptiontoken: (token) => tokens.push(token),
    });
    await expect.poll(() => tokens.length, { timeout: 30_000 }).toBe(1);
    await expect.poll(waitingOrders, { timeout: 30_000 }).toBeGreaterThan(0);
    // The first replica goes on working at the order; its client comes back to the second.
    there = second;
    cut();
    await expect.poll(() => tokens.length, { timeout: 30_000 }).toBe(2);
    expect(tokens[1]).toBe(tokens[0]);
    await release();
    expect((await placed).structuredContent).toMatchObject({ repeated: false });
    expect(await countOrders()).toBe(1);
  });

  it('can be read again from any of its events, and only with its session', async () => {
    const { client, sessionId } = await inventory.connect();
    const tokens: string[] = [];
    await client.callTool({ name: 'get_inventory_levels', arguments: {} }, undefined, {
      onresumptiontoken: (token) => tokens.push(token),
    });
    expect(tokens.length).toBe(2);
    const again = await listen({ 'mcp-session-id': sessionId, 'last-event-id': tokens[0] ?? '' });
    const text = await again.text();
    expect(text).toContain(`id: ${tokens[1]}\ndata: {"jsonrpc"`);
    expect(text).toContain('"buffer_months":3');
    const { sessionId: other } = await inventory.connect();
    for (const [session, event] of [
      [other, tokens[0]],
      [sessionId, 'nonsense'],
      [sessionId, `${tokens[0]}9999`],
    ]) {
      const refused = await listen({ 'mcp-session-id': String(session), 'last-event-id': String(event) });
      expect(refused.status).toBe(400);
    }
  });

  it('ends when the server stops, so that nothing waits for it', async () => {
    const { sessionId } = await inventory.connect();
    const stream = await listen({ 'mcp-session-id': sessionId });
    const whole = stream.text();
    await inventory.first.stop();
    expect(await whole).toMatch(/^id: standalone\.\d+\nretry: 1000\ndata: \n\n$/);
  });
});

describe('a canceled call', () => {
  it.each(['the same replica', 'another replica'])('orders nothing, told to %s', async (which) => {
    const second = await inventory.startReplica();
    const release = await holdOrders();
    let there: Replica = inventory.first;
    const { client } = await inventory.connect(person('alice'), () => there);
    const controller = new AbortController();
    const placed = client.callTool({ name: 'place_purchase_order', arguments: order }, undefined, {
      signal: controller.signal,
    });
    placed.catch(() => {});
    await expect.poll(waitingOrders, { timeout: 30_000 }).toBeGreaterThan(0);
    if (which !== 'the same replica') there = second;
    controller.abort('not wanted any more');
    await expect(placed).rejects.toThrow();
    // The cancellation has arrived when the call has its answer, which nobody reads any more.
    await expect
      .poll(
        async () =>
          (await inventory.sql`select 1 from stream_events where message -> 'error' ->> 'code' = '-32800'`).length,
        {
          timeout: 30_000,
        },
      )
      .toBe(1);
    await release();
    await expect.poll(waitingOrders, { timeout: 30_000 }).toBe(0);
    expect((await client.callTool({ name: 'place_purchase_order', arguments: order })).structuredContent).toMatchObject(
      {
        repeated: false,
      },
    );
    expect(await countOrders()).toBe(1);
  });
});

describe('the endpoint refuses', () => {
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

  it('who does not come through the proxy, and opens nothing', async () => {
    const { 'x-aauth-proxy-secret': _secret, ...forged } = person('alice');
    const initialize = {
      jsonrpc: '2.0',
      id: 0,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
    };
    expect((await post(initialize, person('alice'))).status).toBe(200);
    const refused = await post(initialize, forged);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ error: 'denied' });
    expect(inventory.captured.lines().filter(({ msg }) => String(msg).includes('did not come verified'))).toHaveLength(
      1,
    );
    expect(await inventory.sql`select 1 from sessions`).toHaveLength(1);
  });

  it('what is no message, comes without a session, or is too long', async () => {
    const { sessionId } = await inventory.connect();
    const session = { 'mcp-session-id': sessionId };
    expect((await post(list, { ...person('alice'), ...session })).status).toBe(200);
    expect((await post(list, person('alice'))).status).toBe(400);
    expect((await post('{', { ...person('alice'), ...session })).status).toBe(400);
    expect((await post({ hello: 1 }, { ...person('alice'), ...session })).status).toBe(400);
    expect((await post(list, { ...person('alice'), ...session, accept: 'text/html' })).status).toBe(406);
    expect((await post({ ...list, x: 'x'.repeat(300_000) }, { ...person('alice'), ...session })).status).toBe(413);
    expect((await listen({ ...session, accept: 'application/json' })).status).toBe(406);
    expect((await fetch(new URL('/healthz', inventory.first.url))).status).toBe(200);
    expect((await fetch(new URL('/readyz', inventory.first.url))).status).toBe(200);
  });
});

it('W8: without its database it is not healthy, answers 503 with Retry-After, and goes on once it is back', async () => {
  const { client, sessionId } = await inventory.connect();
  const list = () =>
    post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { ...person('alice'), 'mcp-session-id': sessionId });
  expect((await list()).status).toBe(200);
  await client.close();
  await inventory.relay.cut();
  const refused = await list();
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
  expect((await fetch(new URL('/healthz', inventory.first.url))).status).toBe(503);
  await inventory.relay.restore();
  await expect.poll(async () => (await list()).status, { timeout: 30_000 }).toBe(200);
});

function post(message: unknown, headers: Record<string, string>): Promise<Response> {
  return fetch(inventory.first.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body: typeof message === 'string' ? message : JSON.stringify(message),
  });
}

function listen(headers: Record<string, string>): Promise<Response> {
  return fetch(inventory.first.url, { headers: { accept: 'text/event-stream', ...person('alice'), ...headers } });
}
