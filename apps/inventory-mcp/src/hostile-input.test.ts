import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Inventory, person, startInventory } from '../test/inventory.ts';

let inventory: Inventory;
let sessionId: string;

beforeAll(async () => {
  inventory = await startInventory();
  ({ sessionId } = await inventory.connect());
});
afterAll(() => inventory.close());

test('whatever a client sends, it is an answer or a refusal, and nothing fails here', async () => {
  const odd = fc.constantFrom('\0', '\ud800', "' OR 1=1 --", '%00', '..', 'after:1e9', '-1', 'x'.repeat(3000));
  const value = fc.oneof(odd, fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('inventory://models/a%00', 'MacBook Pro'));
  const names = ['name', 'uri', 'arguments', 'cursor', 'requestId', 'reason', 'ref', 'argument', 'level', '_meta'];
  const members = (...of: string[]) =>
    fc.record(Object.fromEntries(of.map((name) => [name, value])), { requiredKeys: [] });
  const tools = fc.constantFrom(
    'get_inventory_levels',
    'get_hiring_forecast',
    'list_purchase_orders',
    'place_purchase_order',
  );
  const call = fc.record({
    name: tools,
    arguments: members('cursor', 'limit', 'months', 'model', 'quantity', 'idempotency_key', 'needed_by', 'note'),
  });
  const methods = [
    'tools/list',
    'tools/call',
    'resources/list',
    'resources/read',
    'resources/subscribe',
    'prompts/get',
  ];
  const message = fc.record({
    jsonrpc: fc.constant('2.0'),
    id: fc.oneof(fc.integer(), fc.string(), value),
    method: fc.oneof(
      fc.constantFrom(...methods, 'notifications/cancelled', 'completion/complete', 'ping'),
      fc.string(),
    ),
    params: fc.oneof(call, members(...names)),
  });
  const headers = {
    ...person('alice'),
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-session-id': sessionId,
  };
  await fc.assert(
    fc.asyncProperty(fc.oneof(message, fc.array(message, { maxLength: 3 }), value), async (body) => {
      const text = JSON.stringify(body);
      const response = await fetch(inventory.first.url, { method: 'POST', headers, body: text });
      await response.text();
      expect(response.status, text).toBeLessThan(500);
    }),
  );
  const lines = inventory.captured.lines().filter(({ level }) => level === 'error');
  expect(lines).toEqual([]);
});
