import type { RequestedBy } from '@aauth-stack/a2a/server';
import type { MarketAnalysisReport } from '../market-analysis/report-schema.ts';
import { type PurchasingPolicies, type StatedPolicies, statePolicies } from '../policies/data.ts';
import { type PolicyFinding, validatePlan } from '../policies/validate.ts';
import { type PurchasePlanItem, planPurchases } from '../purchasing/plan.ts';
import { type Recommendation, recommend } from './recommendations.ts';
import type { OptimizationRequest } from './request.ts';

/** The agent's answer. The Markdown is rendered from it, so both say the same. */
export interface SupplyChainReport {
  kind: 'supply-chain-report';
  agent: { name: string; version: string };
  requested_by: RequestedBy;
  /** ISO 8601. */
  generated_at: string;
  request: OptimizationRequest;
  policies: StatedPolicies;
  recommendations: Recommendation[];
  purchase_plan: PurchasePlanItem[];
  policy_findings: PolicyFinding[];
  totals: { quantity: number; cost: number };
  /** `null` when the request did not ask for one. */
  market_analysis: MarketAnalysisReport | { unavailable: string } | null;
  next_steps: string[];
}

export interface ReportInput {
  agentName: string;
  request: OptimizationRequest;
  requestedBy: RequestedBy;
  marketAnalysis: SupplyChainReport['market_analysis'];
  policies: PurchasingPolicies;
  now: Date;
}

const version = '1.0';

/** Answers a request, with a purchase plan where a market analysis gives the numbers for one. */
export function createReport(input: ReportInput): SupplyChainReport {
  const { agentName, request, requestedBy, marketAnalysis, policies, now } = input;
  const inventory = analysisOf(marketAnalysis)?.inventory;
  const plan = planPurchases(inventory?.gaps ?? [], policies);
  const findings = validatePlan(plan, inventory?.positions ?? [], policies, now);
  return {
    kind: 'supply-chain-report',
    agent: { name: agentName, version },
    requested_by: requestedBy,
    generated_at: now.toISOString(),
    request,
    policies: statePolicies(policies),
    recommendations: recommend(request.text),
    purchase_plan: plan,
    policy_findings: findings,
    totals: {
      quantity: plan.reduce((total, item) => total + item.quantity, 0),
      cost: plan.reduce((total, item) => total + item.total, 0),
    },
    market_analysis: marketAnalysis,
    next_steps: nextSteps(marketAnalysis, plan),
  };
}

/** The market analysis, if there is one. */
function analysisOf(marketAnalysis: SupplyChainReport['market_analysis']): MarketAnalysisReport | undefined {
  return marketAnalysis === null || isUnavailable(marketAnalysis) ? undefined : marketAnalysis;
}

/** Whether a market analysis was asked for and could not be had. */
export function isUnavailable(
  marketAnalysis: SupplyChainReport['market_analysis'],
): marketAnalysis is { unavailable: string } {
  return marketAnalysis !== null && 'unavailable' in marketAnalysis;
}

function nextSteps(marketAnalysis: SupplyChainReport['market_analysis'], plan: readonly PurchasePlanItem[]): string[] {
  const forecasting = isUnavailable(marketAnalysis)
    ? 'repeat the request once the market analysis is available'
    : marketAnalysis === null
      ? 'ask to "perform market analysis" for a purchase plan'
      : 'repeat the market analysis when the hiring plan changes';
  const execution = plan.some((item) => item.approval === 'cfo')
    ? "get the CFO's approval, then place the orders"
    : plan.length > 0
      ? 'place the orders of the purchase plan'
      : 'nothing to order at present';
  return [
    `Market and demand forecasting: ${forecasting}`,
    'Vendor evaluation: compare the offers of the preferred vendors',
    `Procurement execution: ${execution}`,
  ];
}
