import type { RequestedBy } from '@aauth-stack/a2a/server';
import { describe, expect, it } from 'vitest';
import { sixMonths, twelveMonths } from '../../test/market-analysis.ts';
import { purchasingPolicies } from '../policies/data.ts';
import { renderMarkdown } from './markdown.ts';
import { createReport, type SupplyChainReport } from './report.ts';
import { asksForMarketAnalysis, parseOptimizationRequest } from './request.ts';

const requestedBy: RequestedBy = {
  level: 'identified',
  agent: 'aauth:backend-app-12345678@agent-provider.localhost:8766',
  agent_provider: 'http://agent-provider.localhost:8766',
  person_server: null,
  subject: null,
  scope: [],
};

function report(message: string, marketAnalysis: SupplyChainReport['market_analysis'] = null): SupplyChainReport {
  return createReport({
    agentName: 'Supply Chain Optimizer Agent',
    request: parseOptimizationRequest(message),
    requestedBy,
    marketAnalysis,
    policies: purchasingPolicies,
    now: new Date('2026-03-02T10:00:00Z'),
  });
}

describe('the words of a request', () => {
  it.each([
    ['Order LAPTOPS', 'laptop_inventory'],
    ['new hardware', 'laptop_inventory'],
    ['paper cups', 'general_supply_chain'],
    ['', 'laptop_inventory'],
  ])('choose the focus area: %j', (message, focus_area) => {
    expect(report(message).request.focus_area).toBe(focus_area);
  });

  it.each([
    ['anything', ['Vendor Management', 'Approval Workflow']],
    ['the Budget', ['Cost Optimization', 'Vendor Management', 'Approval Workflow']],
    ['our stock', ['Inventory Optimization', 'Vendor Management', 'Approval Workflow']],
    ['cost of inventory', ['Inventory Optimization', 'Cost Optimization', 'Vendor Management', 'Approval Workflow']],
  ])('choose the recommendations: %s', (message, titles) => {
    expect(report(message).recommendations.map((recommendation) => recommendation.title)).toEqual(titles);
  });

  it.each([
    ['Please PERFORM Market Analysis now', true],
    ['perform a market analysis', false],
  ])('ask for a market analysis or not: %s', (message, asked) => {
    expect(asksForMarketAnalysis(message)).toBe(asked);
  });
});

describe('golden cases', () => {
  it('6 months: ten MacBook Pro for $25,000', () => {
    const result = report('perform market analysis', sixMonths());
    expect(result.purchase_plan).toEqual([
      {
        item: 'MacBook Pro',
        quantity: 10,
        unit_price: 2500,
        supplier: 'Apple',
        lead_time: '2-4 weeks',
        total: 25_000,
        priority: 'medium',
        approval: 'standard',
        orders: [{ quantity: 10, total: 25_000 }],
      },
    ]);
    expect(result.totals).toEqual({ quantity: 10, cost: 25_000 });
    expect(result.policy_findings).toMatchObject([
      { rule: 'minimum_stock', severity: 'warning', subject: 'MacBook Pro', value: 45, limit: 50 },
    ]);
  });

  it('12 months: 51 MacBook Pro for $127,500, split and approved by the CFO', () => {
    const result = report('perform market analysis for the year', twelveMonths());
    expect(result.purchase_plan).toMatchObject([
      {
        quantity: 51,
        total: 127_500,
        lead_time: '1-2 weeks',
        approval: 'cfo',
        orders: [
          { quantity: 40, total: 100_000 },
          { quantity: 11, total: 27_500 },
        ],
      },
    ]);
    expect(result.policy_findings).toMatchObject([
      { rule: 'max_order_value', severity: 'violation', value: 127_500, limit: 100_000 },
      { rule: 'approval_threshold', severity: 'warning', value: 127_500, limit: 50_000 },
      { rule: 'minimum_stock', severity: 'warning' },
    ]);
    const markdown = renderMarkdown(result, '# Market Analysis Report');
    expect(markdown).toContain('exceeds the maximum order value of $100,000. Split it into 2 orders.');
    expect(markdown).toContain('**Total**: 51 units for $127,500.00');
  });
});

describe('the report', () => {
  it('has its sections in order, with the market analysis inside its own', () => {
    const analysis = '# Market Analysis Report\n\n## Inventory Analysis\n\n- **Risk Assessment**: medium\n';
    const markdown = renderMarkdown(report('perform market analysis', sixMonths()), analysis);
    expect(markdown.match(/^#+ .*$/gm)).toEqual([
      '# Supply Chain Optimization Analysis',
      '## Request Analysis',
      '## Business Policies Applied',
      '## Optimization Recommendations',
      '### 1. Vendor Management',
      '### 2. Approval Workflow',
      '## Purchase Plan',
      '## Policy Findings',
      '## Market Analysis',
      '### Market Analysis Report',
      '#### Inventory Analysis',
      '## Next Steps',
    ]);
    expect(markdown).toContain('- **Type**: supply_chain_optimization\n- **Context**: IT hardware procurement');
    expect(markdown).toContain('- **Inventory Buffer**: 3 months\n- **Approval Threshold**: $50,000');
    expect(markdown).toContain('- **Max Order Value**: $100,000\n- **Preferred Vendors**: Apple, Dell, HP, Lenovo');
    expect(markdown).toMatch(/Supply Chain Optimizer Agent v1\.0\*\n$/);
  });

  it('W6: names the agent that the proxy verified', () => {
    const result = report('laptops');
    expect(result.requested_by).toEqual(requestedBy);
    expect(renderMarkdown(result)).toContain(`- **Requested by**: ${requestedBy.agent}`);
  });

  it('W2: without a market analysis there is no purchase plan, and the text says how to get one', () => {
    const result = report('laptops');
    expect(result).toMatchObject({ purchase_plan: [], totals: { quantity: 0, cost: 0 }, market_analysis: null });
    const markdown = renderMarkdown(result);
    expect(markdown).not.toContain('## Market Analysis');
    expect(markdown).toContain('ask to "perform market analysis" for a purchase plan');
  });

  it('W11: an unavailable market analysis is told with its reason', () => {
    const result = report('perform market analysis', { unavailable: 'HTTP 403 denied: not today' });
    expect(result.market_analysis).toEqual({ unavailable: 'HTTP 403 denied: not today' });
    expect(result.purchase_plan).toEqual([]);
    expect(renderMarkdown(result)).toContain(
      '## Market Analysis\n\nNo market analysis provided (HTTP 403 denied: not today)',
    );
  });
});
