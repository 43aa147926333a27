import { describe, expect, it } from 'vitest';
import { type SupplyChainReport, supplyChainReportSchema } from './report.ts';
import { resultsFrom } from './results.ts';
import { sixMonthReport } from './testing/report.ts';

const completedAt = new Date('2026-02-03T04:05:06Z');
const results = (report: SupplyChainReport) => resultsFrom('b5a4', report, completedAt);

describe('resultsFrom', () => {
  it('W2: computes summary, recommendations and reasoning from the structured report', () => {
    expect(results(sixMonthReport)).toEqual({
      request_id: 'b5a4',
      summary: { total_cost: 25_000, expected_delivery: '2-4 weeks', cost_savings: 60_000, efficiency: 89.5 },
      recommendations: [
        {
          item: 'MacBook Pro',
          quantity: 10,
          unit_price: 2500,
          supplier: 'Apple',
          lead_time: '2-4 weeks',
          total: 25_000,
        },
      ],
      reasoning: [
        {
          decision: 'Inventory Demand Analysis, 6 months',
          agent: 'market-analysis-agent',
          rationale: 'Need to procure 10 additional laptops.',
        },
        { decision: 'Vendor Management (Medium priority)', agent: 'supply-chain-agent', rationale: 'Prioritize.' },
        { decision: 'Policy warning', agent: 'supply-chain-agent', rationale: 'Stock is below the minimum.' },
      ],
      completed_at: '2026-02-03T04:05:06.000Z',
    });
  });

  it('takes the longest lead time as the expected delivery', () => {
    const [purchase] = sixMonthReport.purchase_plan;
    if (!purchase) throw new Error('the report has no purchase');
    const plan = ['1-2 weeks', '1-2 months', '10 days'].map((lead_time) => ({ ...purchase, lead_time }));
    expect(results({ ...sixMonthReport, purchase_plan: plan }).summary.expected_delivery).toBe('1-2 months');
  });

  it('says so when there is nothing to order', () => {
    expect(results({ ...sixMonthReport, purchase_plan: [] }).summary).toMatchObject({
      total_cost: 0,
      expected_delivery: 'Nothing to order',
    });
  });

  it('has zeros and TBD where no market analysis was asked for', () => {
    expect(results({ ...sixMonthReport, purchase_plan: [], market_analysis: null }).summary).toEqual({
      total_cost: 0,
      expected_delivery: 'TBD',
      cost_savings: 0,
      efficiency: 0,
    });
  });

  it('gives the reason where a market analysis could not be had', () => {
    const report = { ...sixMonthReport, purchase_plan: [], market_analysis: { unavailable: 'It answered 502.' } };
    expect(results(report).reasoning[0]).toEqual({
      decision: 'No market analysis',
      agent: 'market-analysis-agent',
      rationale: 'It answered 502.',
    });
  });

  it('does not take just any data for a report', () => {
    expect(supplyChainReportSchema.safeParse({ kind: 'supply-chain-report' }).success).toBe(false);
    expect(supplyChainReportSchema.safeParse({ ...sixMonthReport, kind: 'other' }).success).toBe(false);
  });
});
