import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataOf, type Inventory, startInventory } from '../../test/inventory.ts';

let inventory: Inventory;
let client: Awaited<ReturnType<Inventory['connect']>>['client'];

beforeAll(async () => {
  inventory = await startInventory();
  ({ client } = await inventory.connect());
});

afterAll(() => inventory.close());

const call = async (name: string, input: Record<string, unknown> = {}) => {
  const result = await client.callTool({ name, arguments: input });
  return { data: dataOf(result), isError: result.isError ?? false, text: JSON.stringify(result.content) };
};

describe('tools', () => {
  it('are listed with schemas of what they take and give, and say which one changes data', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint])).toEqual([
      ['get_inventory_levels', true],
      ['get_hiring_forecast', true],
      ['get_refresh_cycles', true],
      ['get_market_trends', true],
      ['get_growth_projections', true],
      ['list_purchase_orders', true],
      ['place_purchase_order', false],
    ]);
    for (const { inputSchema, outputSchema, description } of tools) {
      expect(inputSchema.type).toBe('object');
      expect(Object.keys(outputSchema?.properties ?? {})).not.toEqual([]);
      expect(description).toMatch(/\.$/);
    }
  });

  it('give the inventory', async () => {
    expect((await call('get_inventory_levels')).data).toEqual({
      buffer_months: 3,
      models: [
        {
          model: 'MacBook Pro',
          configuration: 'M2 Pro/16GB/512GB',
          supplier: 'Apple',
          stock: 45,
          on_order: 0,
          unit_cost: 2500,
        },
        {
          model: 'MacBook Air',
          configuration: 'M2/8GB/256GB',
          supplier: 'Apple',
          stock: 80,
          on_order: 0,
          unit_cost: 1500,
        },
      ],
      next_cursor: null,
    });
  });

  it.each([
    [3, [12, 7, 5, 4]],
    [6, [25, 15, 10, 8]],
    [12, [50, 30, 20, 16]],
  ])('give the hires of %i months', async (months, hires) => {
    const { data } = await call('get_hiring_forecast', { months });
    expect(data).toMatchObject({
      timeframe_months: months,
      departments: [
        {
          department: 'engineering',
          planned_hires: hires[0],
          laptop_mix: [
            { model: 'MacBook Pro', share_percent: 80 },
            { model: 'MacBook Air', share_percent: 20 },
          ],
        },
        { department: 'sales', planned_hires: hires[1] },
        { department: 'marketing', planned_hires: hires[2] },
        { department: 'operations', planned_hires: hires[3] },
      ],
    });
  });

  it('give refresh cycles, growth and the market', async () => {
    expect((await call('get_refresh_cycles')).data).toMatchObject({
      due_for_replacement: [
        { model: 'MacBook Pro', units: 12 },
        { model: 'MacBook Air', units: 8 },
      ],
      departments: [
        { department: 'engineering', refresh_cycle_months: 36, replacement_percent: 15, utilization_percent: 85 },
        { refresh_cycle_months: 42 },
        { refresh_cycle_months: 48 },
        { department: 'operations', refresh_cycle_months: 54, replacement_percent: 21, utilization_percent: 100 },
      ],
    });
    expect((await call('get_growth_projections')).data).toMatchObject({
      departments: [
        { department: 'engineering', headcount: 100, growth_percent: 25, projected_headcount: 125 },
        { projected_headcount: 138 },
        { projected_headcount: 154 },
        { projected_headcount: 172, hardware_budget: 80_000 },
      ],
    });
    expect((await call('get_market_trends')).data).toMatchObject({
      conditions: [
        { condition: 'new_model_releases', active: true },
        { condition: 'price_increases', active: true },
        { condition: 'supply_issues', active: false },
        { condition: 'shortages', active: false },
      ],
    });
  });

  it.each([
    ['get_inventory_levels', 'models', 2],
    ['get_hiring_forecast', 'departments', 4],
    ['get_refresh_cycles', 'departments', 4],
    ['get_growth_projections', 'departments', 4],
  ])('%s comes in pages that hold every entry once', async (name, list, count) => {
    const { data: whole } = await call(name);
    const entries: unknown[] = [];
    let cursor: unknown;
    let pages = 0;
    do {
      const { data } = await call(name, { limit: 1, ...(typeof cursor === 'string' && { cursor }) });
      const page = data?.[list];
      expect(page).toHaveLength(1);
      entries.push(...(Array.isArray(page) ? page : []));
      cursor = data?.next_cursor;
      pages += 1;
    } while (cursor !== null);
    expect(pages).toBe(count);
    expect(entries).toEqual(whole?.[list]);
  });

  it('a cursor beyond all entries gives an empty page', async () => {
    const cursor = Buffer.from('after:999999999999999').toString('base64url');
    expect(await call('get_inventory_levels', { cursor })).toMatchObject({ isError: false, data: { models: [] } });
    expect(await call('list_purchase_orders', { cursor })).toMatchObject({ isError: false, data: { orders: [] } });
  });

  it.each([
    ['get_inventory_levels', { cursor: 'bm9uc2Vuc2U' }, /cursor is not the next_cursor/],
    ['get_inventory_levels', { limit: 0 }, /limit/],
    ['get_inventory_levels', { limit: 2.5 }, /limit/],
    ['get_hiring_forecast', { months: 37 }, /months/],
    ['get_hiring_forecast', { months: '6' }, /months/],
    ['no_such_tool', {}, /no_such_tool not found/],
    ['constructor', {}, /constructor/],
  ])('%s refuses %j', async (name, input, reason) => {
    const { isError, text, data } = await call(name, input);
    expect(isError).toBe(true);
    expect(data).toBeUndefined();
    expect(text).toMatch(reason);
  });
});

describe('prompts', () => {
  it('are offered, and filled in', async () => {
    expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual([
      'analyze_laptop_demand',
      'review_purchase',
    ]);
    const { messages } = await client.getPrompt({ name: 'analyze_laptop_demand', arguments: { months: '12' } });
    expect(JSON.stringify(messages)).toContain('the next 12 months');
    await expect(client.getPrompt({ name: 'analyze_laptop_demand', arguments: { months: 'many' } })).rejects.toThrow(
      /months/,
    );
  });
});

describe('resources', () => {
  it('are listed and can be read', async () => {
    const { resources, nextCursor } = await client.listResources();
    expect(nextCursor).toBeUndefined();
    expect(resources.map(({ uri }) => uri)).toEqual([
      'inventory://policy',
      'inventory://models/MacBook%20Pro',
      'inventory://models/MacBook%20Air',
      'inventory://departments/engineering',
      'inventory://departments/sales',
      'inventory://departments/marketing',
      'inventory://departments/operations',
    ]);
    const texts = [];
    for (const { uri } of resources.slice(0, 4)) {
      const [content] = (await client.readResource({ uri })).contents;
      texts.push(content && 'text' in content ? JSON.parse(content.text) : undefined);
    }
    expect(texts).toMatchObject([
      { buffer_months: 3, approval_threshold: 50_000, max_order_value: 100_000 },
      { model: 'MacBook Pro', stock: 45 },
      { model: 'MacBook Air', stock: 80 },
      { name: 'engineering', headcount: 100, laptopMix: [{ share_percent: 80 }, { share_percent: 20 }] },
    ]);
    expect((await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      'inventory://models/{model}',
      'inventory://departments/{department}',
      'inventory://orders/{number}',
    ]);
  });

  it('what fails in the server is for its log, not for the caller', async () => {
    const uri = 'inventory://models/MacBook%20Pro';
    expect((await client.readResource({ uri })).contents).toHaveLength(1);
    const lines = inventory.captured.lines().length;
    await inventory.sql`alter table laptop_models rename to away`;
    try {
      for (const call of [() => client.readResource({ uri }), () => client.listResources()]) {
        const error = await call().catch((thrown: unknown) => String(thrown));
        expect(error).toContain('the log of the server has the reason');
        expect(error).not.toMatch(/laptop_models|select|query/i);
      }
    } finally {
      await inventory.sql`alter table away rename to laptop_models`;
    }
    const told = inventory.captured.lines().slice(lines);
    expect(told).toContainEqual(expect.objectContaining({ msg: 'a resource could not be served' }));
    expect(JSON.stringify(told)).toContain('laptop_models');
  });

  it('a name with NUL, however it is written, names nothing, and is no failure', async () => {
    const lines = inventory.captured.lines().length;
    for (const kind of ['models', 'departments', 'orders']) {
      await expect(client.readResource({ uri: `inventory://${kind}/a%00b` })).rejects.toThrow(/There is no resource/);
    }
    const failures = inventory.captured.lines().slice(lines);
    expect(failures.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it.each(['inventory://models/Abacus', 'inventory://orders/1', 'inventory://orders/x', 'inventory://models/%E0%A4%A'])(
    '%s is not there',
    async (uri) => {
      await expect(client.readResource({ uri })).rejects.toThrow(/There is no resource/);
    },
  );
});
