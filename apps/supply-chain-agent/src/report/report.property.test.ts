import type { RequestedBy } from '@aauth-stack/a2a/server';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MarketAnalysisReport } from '../market-analysis/report-schema.ts';
import { purchasingPolicies } from '../policies/data.ts';
import { renderMarkdown } from './markdown.ts';
import { createReport } from './report.ts';
import { parseOptimizationRequest } from './request.ts';

const requestedBy: RequestedBy = {
  level: 'identified',
  agent: 'a',
  agent_provider: 'b',
  person_server: null,
  subject: null,
  scope: [],
};

const arbitraryGap = fc
  .record({
    model: fc.constantFrom('MacBook Pro', 'MacBook Air', 'Dell XPS', 'HP EliteBook'),
    current: fc.nat(100),
    shortfall: fc.integer({ min: 1, max: 200 }),
    priority: fc.constantFrom('high', 'medium'),
    unit_cost: fc.integer({ min: 1, max: 9000 }),
  })
  .map((gap) => ({ ...gap, required: gap.current + gap.shortfall, cost: gap.shortfall * gap.unit_cost }));

const arbitraryAnalysis: fc.Arbitrary<MarketAnalysisReport> = fc
  .uniqueArray(arbitraryGap, { selector: (gap) => gap.model, maxLength: 4 })
  .map((gaps) => ({
    kind: 'market-analysis-report',
    label: 'Inventory Demand Analysis',
    timeframe_months: 6,
    inventory: {
      risk: 'medium',
      positions: gaps.map(({ model, current, required }) => ({ model, current, required })),
      gaps,
      total_estimated_cost: gaps.reduce((total, gap) => total + gap.cost, 0),
    },
  }));

describe('for any market analysis', () => {
  it('the purchase plan equals the slow reference', () => {
    fc.assert(
      fc.property(arbitraryAnalysis, (analysis) => {
        const report = reportOf(analysis);
        const expected = slowPlan(analysis);
        expect(
          report.purchase_plan.map(({ item, quantity, total, approval, lead_time, orders }) => ({
            item,
            quantity,
            total,
            approval,
            lead_time,
            orders: orders.map((order) => order.quantity),
          })),
        ).toEqual(expected.items);
        expect(report.totals).toEqual({ quantity: expected.quantity, cost: expected.cost });
        for (const finding of report.policy_findings) {
          if (finding.rule === 'max_order_value') expect(finding.value).toBeGreaterThan(100_000);
          if (finding.rule === 'approval_threshold') expect(finding.value).toBeGreaterThan(50_000);
        }
        expect(subjects(report, 'approval_threshold')).toEqual(expected.needsCfo);
        expect(subjects(report, 'minimum_stock')).toEqual(expected.belowMinimum);
      }),
    );
  });

  it('a shortfall beyond all reason takes no more than a thousand orders', () => {
    const gap = { model: 'MacBook Pro', current: 0, required: 1, priority: 'high', unit_cost: 2500, cost: 1 } as const;
    const inventory = { risk: 'high' as const, positions: [], total_estimated_cost: 1 };
    for (const [shortfall, orders] of [
      [100, 3],
      [Number.MAX_SAFE_INTEGER, 1000],
    ] as const) {
      const analysis = { kind: 'market-analysis-report', label: 'a', timeframe_months: 6 } as const;
      const report = reportOf({ ...analysis, inventory: { ...inventory, gaps: [{ ...gap, shortfall }] } });
      expect(report.purchase_plan[0]?.orders).toHaveLength(orders);
    }
  });

  it('the Markdown says what the structure says', () => {
    fc.assert(
      fc.property(arbitraryAnalysis, (analysis) => {
        const report = reportOf(analysis);
        const markdown = renderMarkdown(report, 'text');
        const rows = [...markdown.matchAll(/^\| (.+?) \| (\d+) \| \$([\d,.]+) \| .+? \| (.+?) \| \$([\d,.]+) \|/gm)];
        expect(
          rows.map(([, item, quantity, price = '', lead, total = '']) => [
            item,
            Number(quantity),
            numeric(price),
            lead,
            numeric(total),
          ]),
        ).toEqual(
          report.purchase_plan.map(({ item, quantity, unit_price, lead_time, total }) => [
            item,
            quantity,
            unit_price,
            lead_time,
            total,
          ]),
        );
        const [, units = '0', cost = '0'] = /\*\*Total\*\*: (\d+) units for \$([\d,.]+)/.exec(markdown) ?? [];
        expect({ quantity: Number(units), cost: numeric(cost) }).toEqual(report.totals);
        expect(markdown.match(/^- \*\*(violation|warning)\*\*: /gm) ?? []).toHaveLength(report.policy_findings.length);
      }),
    );
  });
});

function reportOf(marketAnalysis: MarketAnalysisReport) {
  return createReport({
    agentName: 'Supply Chain Optimizer Agent',
    request: parseOptimizationRequest('perform market analysis'),
    requestedBy,
    marketAnalysis,
    policies: purchasingPolicies,
    now: new Date('2026-01-05T00:00:00Z'),
  });
}

/** The plan a second time, buying one laptop after the other. */
function slowPlan(analysis: MarketAnalysisReport) {
  const items = [];
  const needsCfo: string[] = [];
  const belowMinimum: string[] = [];
  const minimum = new Map([
    ['MacBook Pro', 50],
    ['MacBook Air', 75],
    ['Dell XPS', 40],
    ['HP EliteBook', 60],
  ]);
  let quantity = 0;
  let cost = 0;
  for (const { model, shortfall, unit_cost, priority, current } of analysis.inventory.gaps) {
    const orders = [0];
    let spent = 0;
    for (let bought = 0; bought < shortfall; bought++) {
      const open = orders.at(-1) ?? 0;
      if ((open + 1) * unit_cost > 100_000) orders.push(1);
      else orders[orders.length - 1] = open + 1;
      spent += unit_cost;
    }
    const approval = spent > 50_000 ? 'cfo' : 'standard';
    if (approval === 'cfo') needsCfo.push(model);
    if (current < (minimum.get(model) ?? 0)) belowMinimum.push(model);
    items.push({
      item: model,
      quantity: shortfall,
      total: spent,
      approval,
      lead_time: priority === 'high' ? '1-2 weeks' : '2-4 weeks',
      orders,
    });
    quantity += shortfall;
    cost += spent;
  }
  return { items, quantity, cost, needsCfo, belowMinimum };
}

function subjects(report: ReturnType<typeof reportOf>, rule: string): string[] {
  return report.policy_findings.filter((finding) => finding.rule === rule).map((finding) => finding.subject);
}

function numeric(text: string): number {
  return Number(text.replaceAll(',', ''));
}
