import type { SupplyChainReport } from '../report.ts';

/** The supply-chain agent's report for six months, with the members that results are computed from. */
export const sixMonthReport: SupplyChainReport = {
  kind: 'supply-chain-report',
  recommendations: [{ title: 'Vendor Management', priority: 'Medium', description: 'Prioritize.' }],
  purchase_plan: [
    { item: 'MacBook Pro', quantity: 10, unit_price: 2500, supplier: 'Apple', lead_time: '2-4 weeks', total: 25_000 },
  ],
  policy_findings: [{ severity: 'warning', message: 'Stock is below the minimum.' }],
  market_analysis: {
    kind: 'market-analysis-report',
    label: 'Inventory Demand Analysis',
    timeframe_months: 6,
    summary: 'Need to procure 10 additional laptops.',
    inventory: {
      risk: 'medium',
      positions: [
        { model: 'MacBook Pro', current: 45, required: 55, unit_cost: 2500 },
        { model: 'MacBook Air', current: 80, required: 40, unit_cost: 1500 },
      ],
      gaps: [{ model: 'MacBook Pro', shortfall: 10, priority: 'medium' }],
      surplus: [{ model: 'MacBook Air', surplus: 40, unit_cost: 1500 }],
      total_estimated_cost: 25_000,
    },
  },
};
