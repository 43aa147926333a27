import type { RequestedBy } from '@aauth-stack/a2a/server';
import type { CompanyData } from '../analysis/data.ts';
import { type DemandPatterns, modelDemandPatterns } from '../analysis/demand-patterns.ts';
import { analyzeInventory, type InventoryAnalysis, type InventoryGap, type Priority } from '../analysis/inventory.ts';
import { type AnalysisRequest, type AnalysisType, analysisLabels } from '../analysis/request.ts';
import { forecastTrends, type MarketTrend } from '../analysis/trends.ts';
import type { ToolDescription } from '../inventory/inventory-client.ts';

/** Something to buy, with the time it may take. */
export interface ProcurementAction {
  model: string;
  quantity: number;
  priority: Priority;
  timeframe: string;
  cost: number;
  text: string;
}

/** The agent's answer. The Markdown is rendered from it, so both say the same. */
export interface MarketAnalysisReport {
  kind: 'market-analysis-report';
  agent: { name: string; version: string };
  requested_by: RequestedBy;
  request_text: string;
  analysis_type: AnalysisType;
  label: string;
  timeframe_months: number;
  departments: string[];
  /** ISO 8601. */
  generated_at: string;
  summary: string | null;
  inventory: InventoryAnalysis;
  recommendations: { immediate: ProcurementAction[]; short_term: ProcurementAction[] };
  trends: MarketTrend[];
  demand_patterns: DemandPatterns | null;
  /** What the inventory server offers. */
  tools: ToolDescription[];
  next_steps: string[];
}

export interface ReportInput {
  agentName: string;
  request: AnalysisRequest;
  requestedBy: RequestedBy;
  /** Of the timeframe that was asked for. */
  data: CompanyData;
  tools: ToolDescription[];
  now: Date;
}

const version = '1.0';

/** Answers a request from the company's data. */
export function createReport(input: ReportInput): MarketAnalysisReport {
  const { agentName, requestedBy, data, tools, now } = input;
  const { type, months, text } = input.request;
  const comprehensive = type === 'comprehensive_market_analysis';
  const inventory = analyzeInventory(data);
  const trends = comprehensive || type === 'forecast_market_trends' ? forecastTrends(data.market, months, now) : [];
  return {
    kind: 'market-analysis-report',
    agent: { name: agentName, version },
    requested_by: requestedBy,
    request_text: text,
    analysis_type: type,
    label: analysisLabels[type],
    timeframe_months: months,
    departments: data.departments.map((department) => department.name),
    generated_at: now.toISOString(),
    summary: comprehensive || type === 'analyze_laptop_demand' ? summarize(inventory) : null,
    inventory,
    recommendations: {
      immediate: inventory.gaps.filter((gap) => gap.priority === 'high').map((gap) => procure(gap, '2-4 weeks')),
      short_term: inventory.gaps.filter((gap) => gap.priority === 'medium').map((gap) => procure(gap, '1-2 months')),
    },
    trends,
    demand_patterns: comprehensive || type === 'model_demand_patterns' ? modelDemandPatterns(data) : null,
    tools,
    next_steps: nextSteps(inventory, trends, data),
  };
}

function summarize({ gaps, surplus, risk }: InventoryAnalysis): string {
  const missing = gaps.reduce((total, gap) => total + gap.shortfall, 0);
  const spare = surplus.reduce((total, entry) => total + entry.surplus, 0);
  return [
    ...(missing > 0 ? [`Need to procure ${missing} additional laptops.`] : []),
    ...(spare > 0 ? [`Have ${spare} laptops in surplus.`] : []),
    `Risk assessment: ${risk}.`,
  ].join(' ');
}

function procure(gap: InventoryGap, timeframe: string): ProcurementAction {
  const { model, shortfall: quantity, priority, cost } = gap;
  return { model, quantity, priority, timeframe, cost, text: `Procure ${quantity} ${model} within ${timeframe}` };
}

function nextSteps(inventory: InventoryAnalysis, trends: readonly MarketTrend[], { models }: CompanyData): string[] {
  const onOrder = models.filter((model) => model.onOrder > 0).map(({ onOrder, name }) => `${onOrder} ${name}`);
  return [
    ...(inventory.gaps.length > 0
      ? ['Send the procurement recommendations to the supply-chain team for approval']
      : ['No purchase is needed; keep the present stock']),
    ...(onOrder.length > 0 ? [`Count what is on order already (${onOrder.join(', ')}) before ordering more`] : []),
    ...(inventory.surplus.length > 0 ? ['Offer the surplus to departments whose laptops are due for replacement'] : []),
    ...(trends.length > 0 ? ['Fit the order dates to the market trends'] : []),
    'Repeat this analysis when the hiring plan changes',
  ];
}
