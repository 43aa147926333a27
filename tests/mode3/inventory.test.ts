import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrolAgent, type TestAgent } from '../support/agent.ts';
import { type AuthorizedAgent, authorize } from '../support/authorized-agent.ts';
import { requestsOf } from '../support/logs.ts';
import { openMcp } from '../support/mcp.ts';

const inventory = 'http://inventory.localhost:3000';
const order = { model: 'MacBook Air', quantity: 2, idempotency_key: 'test-order-of-mode3' };

let agent: TestAgent;
let authorized: AuthorizedAgent;

beforeAll(async () => {
  agent = await enrolAgent('Inventory Test Agent');
  authorized = authorize(agent);
});

afterAll(() => agent.close());

const granted = () =>
  authorized.events.flatMap((event) => (event.type === 'exchange-received' ? [event.scope?.join(' ')] : []));

describe('the inventory in mode3', () => {
  it('lets an agent read with what it is granted by default, and order nothing', async () => {
    const mcp = await openMcp(`${inventory}/mcp`, authorized.fetch);
    expect(granted()).toEqual(['inventory:read']);
    expect(await mcp.tools()).not.toContain('place_purchase_order');
    const levels = await mcp.tool('get_inventory_levels');
    expect(levels.message.result?.structuredContent).toMatchObject({ buffer_months: 3 });
    const reached = requestsOf('inventory-mcp');
    const refused = await mcp.tool('place_purchase_order', order);
    expect(refused).toMatchObject({ status: 200, message: { error: { code: -32_003 } } });
    expect(requestsOf('inventory-mcp')).toBe(reached);
  });

  it('asks for the scope to order where orders are placed, and then takes one, once', async () => {
    const mcp = await openMcp(`${inventory}/orders/mcp`, authorized.fetch);
    expect(mcp.opened.status).toBe(200);
    expect(granted().at(-1)).toBe('inventory:read inventory:order');
    const [first, again] = [
      await mcp.tool('place_purchase_order', order),
      await mcp.tool('place_purchase_order', order),
    ];
    expect(first.message.result?.structuredContent).toMatchObject({ order: { total: 3000 }, repeated: false });
    expect(again.message.result?.structuredContent).toMatchObject({ order: { total: 3000 }, repeated: true });
    const nonsense = await mcp.tool('place_purchase_order', { ...order, quantity: -1 });
    expect(nonsense.message.result?.isError).toBe(true);
  });

  it('refuses a caller who signs nothing', async () => {
    const reached = requestsOf('inventory-mcp');
    const response = await agent.fetch(`${inventory}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
    });
    expect(response.status).toBe(401);
    expect(requestsOf('inventory-mcp')).toBe(reached);
  });
});
