import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataOf, type Inventory, person, startInventory } from '../../test/inventory.ts';

type Client = Awaited<ReturnType<Inventory['connect']>>['client'];

let inventory: Inventory;
let alice: Client;

beforeEach(async () => {
  inventory = await startInventory();
  ({ client: alice } = await inventory.connect());
});

afterEach(() => inventory.close());

const wanted = { model: 'MacBook Pro', quantity: 10, idempotency_key: 'order-2026-03' };

async function place(client: Client, changes: Record<string, unknown> = {}) {
  const input = { ...wanted, ...changes };
  const result = await client.callTool({ name: 'place_purchase_order', arguments: input });
  return { data: dataOf(result), isError: result.isError ?? false, text: JSON.stringify(result.content) };
}

async function ordersOf(client: Client) {
  return dataOf(await client.callTool({ name: 'list_purchase_orders', arguments: {} }))?.orders;
}

describe('place_purchase_order', () => {
  it('places an order, which counts as on order from then on', async () => {
    const { data } = await place(alice, { needed_by: '2026-03-02', note: 'for the new engineers' });
    const order = {
      number: 1,
      model: 'MacBook Pro',
      quantity: 10,
      unit_cost: 2500,
      total: 25_000,
      supplier: 'Apple',
      status: 'placed',
      needed_by: '2026-03-02',
      note: 'for the new engineers',
      placed_at: '2026-03-02T10:00:00.000Z',
    };
    expect(data).toEqual({ order, repeated: false });
    expect(await ordersOf(alice)).toEqual([order]);
    const { contents } = await alice.readResource({ uri: 'inventory://orders/1' });
    expect(JSON.parse(String(contents[0] && 'text' in contents[0] && contents[0].text))).toEqual(order);
    const levels = await alice.callTool({ name: 'get_inventory_levels', arguments: {} });
    expect(levels.structuredContent).toMatchObject({ models: [{ stock: 45, on_order: 10 }, { on_order: 0 }] });
  });

  it('leaves an order above the threshold to the CFO, and it is not on order yet', async () => {
    expect((await place(alice, { quantity: 21 })).data).toMatchObject({
      order: { total: 52_500, status: 'awaiting_approval' },
    });
    const levels = await alice.callTool({ name: 'get_inventory_levels', arguments: {} });
    expect(levels.structuredContent).toMatchObject({ models: [{ on_order: 0 }, {}] });
  });

  it('orders once, however often and wherever it is repeated at once', async () => {
    const replica = await inventory.startReplica();
    const { client: elsewhere } = await inventory.connect(person('alice'), () => replica);
    const placed = await Promise.all([alice, elsewhere, alice, elsewhere].map((client) => place(client)));
    expect(placed.filter(({ data }) => data?.repeated === false)).toHaveLength(1);
    expect(new Set(placed.map(({ data }) => JSON.stringify(data?.order))).size).toBe(1);
    expect(await ordersOf(alice)).toHaveLength(1);
  });

  it.each([[{ quantity: 11 }], [{ model: 'MacBook Air' }], [{ note: 'another' }], [{ needed_by: '2026-05-01' }]])(
    'refuses another order %j under the same key',
    async (changes) => {
      const { data } = await place(alice);
      const { number } = Object(data?.order);
      const second = await place(alice, changes);
      expect(second).toMatchObject({ isError: true, text: expect.stringContaining(`belongs to order ${number}`) });
      expect(await ordersOf(alice)).toHaveLength(1);
    },
  );

  it('keeps the orders and the keys of different people apart', async () => {
    const { client: bob } = await inventory.connect(person('bob'));
    await place(alice);
    expect(await ordersOf(bob)).toEqual([]);
    await expect(bob.readResource({ uri: 'inventory://orders/1' })).rejects.toThrow(/no resource/);
    expect((await place(bob)).data).toMatchObject({ repeated: false });
    expect(await ordersOf(alice)).toHaveLength(1);
  });

  it.each([
    [{ quantity: 0 }, /quantity/],
    [{ quantity: -3 }, /quantity/],
    [{ quantity: 1.5 }, /quantity/],
    [{ quantity: 1e9 }, /quantity/],
    [{ quantity: '10' }, /quantity/],
    [{ quantity: 41 }, /41 × MacBook Pro cost \$102500, and one order may cost \$100000/],
    [{ model: 'Abacus' }, /no laptop model .*Abacus/],
    [{ model: "MacBook Pro'; drop table purchase_orders; --" }, /no laptop model/],
    [{ idempotency_key: 'short' }, /idempotency_key/],
    [{ idempotency_key: undefined }, /idempotency_key/],
    [{ needed_by: '2026-03-01' }, /2026-03-01, which has passed/],
    [{ needed_by: 'soon' }, /needed_by/],
    [{ note: 'x'.repeat(501) }, /note/],
  ])('refuses %j, and orders nothing', async (changes, reason) => {
    const { isError, text, data } = await place(alice, changes);
    expect([isError, data]).toEqual([true, undefined]);
    expect(text).toMatch(reason);
    expect(await ordersOf(alice)).toEqual([]);
    expect((await place(alice)).data).toMatchObject({ repeated: false });
  });

  it('lists orders page by page, also as resources', async () => {
    await inventory.sql`
      insert into purchase_orders (owner, idempotency_key, model, quantity, unit_cost, total, supplier, status, placed_at)
      select '["person","http://person-server.localhost:8765","alice"]', 'key-' || n, 'MacBook Air', n, 1500, 1500 * n, 'Apple', 'placed', now()
      from generate_series(1, 60) n`;
    const quantities: unknown[] = [];
    for (let cursor: unknown; cursor !== null; ) {
      const input = { limit: 25, ...(typeof cursor === 'string' && { cursor }) };
      const data = dataOf(await alice.callTool({ name: 'list_purchase_orders', arguments: input }));
      const orders: { quantity: number }[] = Object(data?.orders);
      quantities.push(...orders.map(({ quantity }) => quantity));
      cursor = data?.next_cursor;
    }
    expect(quantities).toEqual(Array.from({ length: 60 }, (_, index) => 60 - index));
    const first = await alice.listResources();
    const second = await alice.listResources({ cursor: first.nextCursor });
    expect([first.resources.length, second.resources.length, second.nextCursor]).toEqual([57, 10, undefined]);
    await expect(alice.listResources({ cursor: 'nonsense' })).rejects.toMatchObject({ code: -32_602 });
  });

  it('tells whoever subscribed to the model, at whichever replica', async () => {
    const replica = await inventory.startReplica();
    const { client: bob } = await inventory.connect(person('bob'), () => replica);
    const updated: string[] = [];
    bob.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void updated.push(params.uri));
    await bob.subscribeResource({ uri: 'inventory://models/MacBook%20Pro' });
    await expect(bob.subscribeResource({ uri: 'file:///etc/passwd' })).rejects.toThrow(/no resource/);
    await place(alice, { model: 'MacBook Air', idempotency_key: 'another-1' });
    await place(alice);
    await expect.poll(() => updated, { timeout: 30_000 }).toEqual(['inventory://models/MacBook%20Pro']);
    await bob.unsubscribeResource({ uri: 'inventory://models/MacBook%20Pro' });
    await place(alice, { idempotency_key: 'another-2' });
    await bob.subscribeResource({ uri: 'inventory://models/MacBook%20Air' });
    await place(alice, { model: 'MacBook Air', idempotency_key: 'another-3' });
    await expect.poll(() => updated.length, { timeout: 30_000 }).toBe(2);
    expect(updated.at(-1)).toBe('inventory://models/MacBook%20Air');
  });
});
