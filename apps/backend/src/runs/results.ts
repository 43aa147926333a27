import { type MarketAnalysisReport, marketAnalysisOf, type SupplyChainReport } from './report.ts';

/** `GET /optimization/results/{id}`. */
export interface Results {
  request_id: string;
  summary: {
    /** Sum of the purchase plan, in dollars. */
    total_cost: number;
    /** The longest lead time in the purchase plan. */
    expected_delivery: string;
    /** Value of the surplus that need not be bought, in dollars. */
    cost_savings: number;
    /** Share of the required stock that is already there, in percent. */
    efficiency: number;
  };
  recommendations: Array<{
    item: string;
    quantity: number;
    unit_price: number;
    supplier: string;
    lead_time: string;
    total: number;
  }>;
  reasoning: Array<{ decision: string; agent: string; rationale: string }>;
  completed_at: string;
}

/** What an agent wrote, whole, in Markdown. */
export interface Report {
  agent: string;
  title: string;
  markdown: string;
}

const supplyChainAgent = 'supply-chain-agent';
const marketAnalysisAgent = 'market-analysis-agent';

/**
 * Computes a run's results from the agents' structured report. Where no market analysis took part there is nothing to
 * count, and the summary says so with zeros and "TBD".
 */
export function resultsFrom(requestId: string, report: SupplyChainReport, completedAt: Date): Results {
  return {
    request_id: requestId,
    summary: summaryOf(report),
    recommendations: report.purchase_plan.map(({ item, quantity, unit_price, supplier, lead_time, total }) => ({
      item,
      quantity,
      unit_price,
      supplier,
      lead_time,
      total,
    })),
    reasoning: [...marketReasoning(report), ...recommendationReasoning(report), ...policyReasoning(report)],
    completed_at: completedAt.toISOString(),
  };
}

/** What the agents wrote. */
export function reportsFrom(text: string, { market_analysis_text }: SupplyChainReport): Report[] {
  return [
    toReport(supplyChainAgent, text),
    ...(market_analysis_text ? [toReport(marketAnalysisAgent, market_analysis_text)] : []),
  ];
}

function toReport(agent: string, markdown: string): Report {
  return { agent, title: /^#+ +(.+)$/m.exec(markdown)?.[1] ?? 'Report', markdown };
}

function summaryOf(report: SupplyChainReport): Results['summary'] {
  const market = marketAnalysisOf(report);
  const inventory = market && 'inventory' in market ? market.inventory : undefined;
  return {
    total_cost: sum(report.purchase_plan.map((purchase) => purchase.total)),
    expected_delivery: expectedDelivery(report, inventory !== undefined && inventory !== null),
    cost_savings: inventory ? sum(inventory.surplus.map((item) => item.surplus * item.unit_cost)) : 0,
    efficiency: inventory ? coverage(inventory.positions) : 0,
  };
}

function expectedDelivery(report: SupplyChainReport, analysed: boolean): string {
  const leadTimes = report.purchase_plan.map((purchase) => purchase.lead_time);
  if (leadTimes.length > 0) return leadTimes.reduce((longest, next) => (weeks(next) > weeks(longest) ? next : longest));
  return analysed ? 'Nothing to order' : 'TBD';
}

/** The last number of a lead time such as "2-4 weeks" or "1-2 months", in weeks. */
function weeks(leadTime: string): number {
  const numbers = leadTime.match(/\d+(?:\.\d+)?/g)?.map(Number) ?? [0];
  const unit = /month/i.test(leadTime) ? 52 / 12 : /day/i.test(leadTime) ? 1 / 7 : 1;
  return Math.max(...numbers) * unit;
}

function coverage(positions: ReadonlyArray<{ current: number; required: number }>): number {
  const required = sum(positions.map((position) => position.required));
  if (required === 0) return 100;
  const covered = sum(positions.map((position) => Math.min(position.current, position.required)));
  return Math.round((covered / required) * 1000) / 10;
}

function marketReasoning(report: SupplyChainReport): Results['reasoning'] {
  const market = marketAnalysisOf(report);
  if (!market) return [];
  if ('unavailable' in market) {
    return [{ decision: 'No market analysis', agent: marketAnalysisAgent, rationale: market.unavailable }];
  }
  return [
    {
      decision: `${market.label}, ${market.timeframe_months} months`,
      agent: marketAnalysisAgent,
      rationale: rationaleOf(market),
    },
  ];
}

function rationaleOf(market: MarketAnalysisReport): string {
  if (market.summary) return market.summary;
  return market.inventory ? `Risk assessment: ${market.inventory.risk}.` : 'The analysis is in the report.';
}

function recommendationReasoning(report: SupplyChainReport): Results['reasoning'] {
  return report.recommendations.map(({ title, priority, description }) => ({
    decision: `${title} (${priority} priority)`,
    agent: supplyChainAgent,
    rationale: description,
  }));
}

function policyReasoning(report: SupplyChainReport): Results['reasoning'] {
  return report.policy_findings.map(({ severity, message }) => ({
    decision: `Policy ${severity}`,
    agent: supplyChainAgent,
    rationale: message,
  }));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
