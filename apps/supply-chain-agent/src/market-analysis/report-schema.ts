import * as z from 'zod';

/*
 * What this agent reads of a market analysis. It comes from another party over the network, so it is parsed; members
 * that nothing here reads are kept as they are.
 */

const count = z.int().nonnegative();
const money = z.number().nonnegative();
const priority = z.enum(['high', 'medium']);

const gap = z.looseObject({
  model: z.string(),
  current: count,
  required: count,
  shortfall: count,
  priority,
  unit_cost: money,
  cost: money,
});

/** More than anybody buys; each one costs work. */
const maxModels = 500;

const position = z.looseObject({ model: z.string(), current: count, required: count });

/** A market analysis as its agent structures it. */
export const marketAnalysisReport = z.looseObject({
  kind: z.literal('market-analysis-report'),
  label: z.string(),
  timeframe_months: count,
  inventory: z.looseObject({
    risk: z.enum(['low', 'medium', 'high']),
    positions: z.array(position).max(maxModels),
    gaps: z.array(gap).max(maxModels),
    total_estimated_cost: money,
  }),
});

export type MarketAnalysisReport = z.infer<typeof marketAnalysisReport>;
export type InventoryGap = z.infer<typeof gap>;
export type StockPosition = z.infer<typeof position>;
export type Priority = z.infer<typeof priority>;
