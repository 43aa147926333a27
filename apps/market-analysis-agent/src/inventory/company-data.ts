import { z } from 'zod';
import type { CompanyData, Department, LaptopModel } from '../analysis/data.ts';
import type { InventoryClient, ToolDescription } from './inventory-client.ts';

const next_cursor = z.string().nullable();

const inventoryLevels = z.object({
  buffer_months: z.int().nonnegative(),
  models: z.array(
    z.object({
      model: z.string(),
      configuration: z.string(),
      stock: z.int().nonnegative(),
      on_order: z.int().nonnegative(),
      unit_cost: z.number().nonnegative(),
    }),
  ),
  next_cursor,
});

const hiringForecast = z.object({
  departments: z.array(
    z.object({
      department: z.string(),
      planned_hires: z.int().nonnegative(),
      laptop_mix: z.array(z.object({ model: z.string(), share_percent: z.number() })),
    }),
  ),
  next_cursor,
});

const refreshCycles = z.object({
  due_for_replacement: z.array(z.object({ model: z.string(), units: z.int().nonnegative() })),
  departments: z.array(z.object({ department: z.string(), refresh_cycle_months: z.int() })),
  next_cursor,
});

const growthProjections = z.object({
  departments: z.array(z.object({ department: z.string(), headcount: z.int(), growth_percent: z.number() })),
  next_cursor,
});

const marketTrends = z.object({
  conditions: z.array(z.object({ condition: z.string(), active: z.boolean() })),
  next_cursor: z.undefined().optional(),
});

/**
 * Reads all that an analysis of the coming months needs.
 *
 * @throws Error when the server leaves something out: an analysis with a gap in its data would be a wrong one
 */
export async function readCompanyData(
  client: InventoryClient,
  months: number,
): Promise<{ data: CompanyData; tools: ToolDescription[] }> {
  const [tools, levels, hiring, refresh, growth, market] = await Promise.all([
    client.listTools(),
    client.callTool('get_inventory_levels', {}, inventoryLevels),
    client.callTool('get_hiring_forecast', { months }, hiringForecast),
    client.callTool('get_refresh_cycles', {}, refreshCycles),
    client.callTool('get_growth_projections', {}, growthProjections),
    client.callTool('get_market_trends', {}, marketTrends),
  ]);
  const due = new Map(refresh.flatMap((page) => page.due_for_replacement.map(({ model, units }) => [model, units])));
  const cycles = byDepartment(refresh.flatMap(({ departments }) => departments));
  const hires = byDepartment(hiring.flatMap(({ departments }) => departments));
  const active = new Set(
    market.flatMap(({ conditions }) => conditions.filter((one) => one.active).map(({ condition }) => condition)),
  );
  const models = levels.flatMap((page) => page.models);
  const departments = growth.flatMap((page) => page.departments);
  const data = {
    bufferMonths: levels[0]?.buffer_months ?? 0,
    models: models.map(
      ({ model: name, configuration, stock, on_order: onOrder, unit_cost: unitCost }): LaptopModel => ({
        name,
        configuration,
        stock,
        onOrder,
        refreshNeed: known(due.get(name), `how many ${name} are due for replacement`),
        unitCost,
      }),
    ),
    departments: departments.map(({ department: name, headcount, growth_percent: growthPercent }): Department => {
      const { planned_hires, laptop_mix } = known(hires.get(name), `whom ${name} hires`);
      return {
        name,
        headcount,
        growthPercent,
        hires: planned_hires,
        modelMix: Object.fromEntries(laptop_mix.map(({ model, share_percent }) => [model, share_percent])),
        refreshCycleMonths: known(cycles.get(name), `the refresh cycle of ${name}`).refresh_cycle_months,
      };
    }),
    market: {
      newModelReleases: active.has('new_model_releases'),
      priceIncreases: active.has('price_increases'),
      supplyIssues: active.has('supply_issues'),
      shortages: active.has('shortages'),
    },
  };
  if (data.models.length === 0) throw new Error('it knows of no laptop models.');
  return { data, tools };
}

function byDepartment<Row extends { department: string }>(rows: readonly Row[]): ReadonlyMap<string, Row> {
  return new Map(rows.map((row) => [row.department, row]));
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`it does not say ${what}.`);
  return value;
}
