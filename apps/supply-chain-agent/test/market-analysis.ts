import type { MarketAnalysisReport } from '../src/market-analysis/report-schema.ts';

/** What the market-analysis agent answers for six and twelve months with the demo's data. */
export function sixMonths(): MarketAnalysisReport {
  return {
    kind: 'market-analysis-report',
    label: 'Inventory Demand Analysis',
    timeframe_months: 6,
    inventory: {
      risk: 'medium',
      positions: [
        { model: 'MacBook Pro', current: 45, required: 55 },
        { model: 'MacBook Air', current: 80, required: 40 },
      ],
      gaps: [gap(10, 55, 'medium')],
      total_estimated_cost: 25_000,
    },
  };
}

export function twelveMonths(): MarketAnalysisReport {
  return {
    kind: 'market-analysis-report',
    label: 'Inventory Demand Analysis',
    timeframe_months: 12,
    inventory: {
      risk: 'high',
      positions: [
        { model: 'MacBook Pro', current: 45, required: 96 },
        { model: 'MacBook Air', current: 80, required: 72 },
      ],
      gaps: [gap(51, 96, 'high')],
      total_estimated_cost: 127_500,
    },
  };
}

function gap(shortfall: number, required: number, priority: 'high' | 'medium') {
  const unit_cost = 2500;
  return { model: 'MacBook Pro', current: 45, required, shortfall, priority, unit_cost, cost: shortfall * unit_cost };
}
