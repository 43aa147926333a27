import { z } from 'zod';

const gapSchema = z.object({
  model: z.string(),
  shortfall: z.number(),
  priority: z.enum(['high', 'medium']),
});

const marketAnalysisSchema = z.object({
  kind: z.literal('market-analysis-report'),
  label: z.string(),
  timeframe_months: z.number(),
  summary: z.string().nullish(),
  inventory: z
    .object({
      risk: z.string(),
      positions: z.array(
        z.object({ model: z.string(), current: z.number(), required: z.number(), unit_cost: z.number() }),
      ),
      gaps: z.array(gapSchema),
      surplus: z.array(z.object({ model: z.string(), surplus: z.number(), unit_cost: z.number() })),
      total_estimated_cost: z.number(),
    })
    .nullish(),
});

const purchaseSchema = z.object({
  item: z.string(),
  quantity: z.number(),
  unit_price: z.number(),
  supplier: z.string(),
  lead_time: z.string(),
  total: z.number(),
});

/** What the supply-chain agent sends beside its Markdown: the members that results are computed from. */
export const supplyChainReportSchema = z.object({
  kind: z.literal('supply-chain-report'),
  recommendations: z.array(z.object({ title: z.string(), priority: z.string(), description: z.string() })),
  purchase_plan: z.array(purchaseSchema),
  policy_findings: z.array(z.object({ severity: z.string(), message: z.string() })),
  market_analysis: z.union([marketAnalysisSchema, z.object({ unavailable: z.string() })]).nullable(),
  /** What the market-analysis agent wrote. */
  market_analysis_text: z.string().nullish(),
});

export type SupplyChainReport = z.infer<typeof supplyChainReportSchema>;
export type MarketAnalysisReport = z.infer<typeof marketAnalysisSchema>;

/** The market analysis of a report, or why there is none. */
export function marketAnalysisOf(
  report: SupplyChainReport,
): MarketAnalysisReport | { unavailable: string } | undefined {
  return report.market_analysis ?? undefined;
}
