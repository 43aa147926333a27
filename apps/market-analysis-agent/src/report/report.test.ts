import type { RequestedBy } from '@aauth-stack/a2a/server';
import { describe, expect, it } from 'vitest';
import { acmeCorp } from '../../test/company-data.ts';
import type { CompanyData } from '../analysis/data.ts';
import { parseAnalysisRequest } from '../analysis/request.ts';
import { renderMarkdown } from './markdown.ts';
import { createReport, type MarketAnalysisReport } from './report.ts';

const now = new Date('2026-03-02T10:00:00Z');
const requestedBy: RequestedBy = {
  level: 'identified',
  agent: 'aauth:supply-chain-12345678@agent-provider.localhost:8766',
  agent_provider: 'http://agent-provider.localhost:8766',
  person_server: null,
  subject: null,
  scope: [],
};

const tools = [{ name: 'get_inventory_levels', description: 'What is in stock.' }];

function report(message: string, changes: Partial<CompanyData> = {}, at = now): MarketAnalysisReport {
  const request = parseAnalysisRequest(message);
  const data = { ...acmeCorp(request.months), ...changes };
  return createReport({ agentName: 'Market Analysis Agent', request, requestedBy, data, tools, now: at });
}

describe('golden values', () => {
  it('3 months: no gaps, Air surplus 57, low risk', () => {
    const result = report('stock for the next quarter');
    expect(result.inventory.gaps).toEqual([]);
    expect(result.inventory.surplus).toEqual([
      { model: 'MacBook Air', current: 80, required: 22, surplus: 57, unit_cost: 1500, value: 85_500 },
    ]);
    expect(result.inventory).toMatchObject({ risk: 'low', total_estimated_cost: 0 });
    expect(result.summary).toBe('Have 57 laptops in surplus. Risk assessment: low.');
    expect(result.recommendations).toEqual({ immediate: [], short_term: [] });
  });

  it('6 months: Pro gap 10 (medium), Air surplus 40, $25,000.00', () => {
    const result = report('perform market analysis');
    expect(result.inventory.gaps).toEqual([
      {
        model: 'MacBook Pro',
        current: 45,
        required: 55,
        shortfall: 10,
        priority: 'medium',
        unit_cost: 2500,
        cost: 25_000,
      },
    ]);
    expect(result.inventory.surplus).toMatchObject([{ model: 'MacBook Air', required: 40, surplus: 40 }]);
    expect(result.inventory).toMatchObject({ risk: 'medium', total_estimated_cost: 25_000 });
    expect(result.summary).toBe(
      'Need to procure 10 additional laptops. Have 40 laptops in surplus. Risk assessment: medium.',
    );
    expect(result.recommendations).toMatchObject({
      immediate: [],
      short_term: [{ model: 'MacBook Pro', quantity: 10, timeframe: '1-2 months', cost: 25_000 }],
    });
    expect(renderMarkdown(result)).toContain('**Total Estimated Cost**: $25,000.00');
  });

  it('12 months: Pro gap 51 (high), no surplus, $127,500.00', () => {
    const result = report('market analysis for the year');
    expect(result.inventory.gaps).toMatchObject([
      { model: 'MacBook Pro', required: 96, shortfall: 51, priority: 'high', cost: 127_500 },
    ]);
    expect(result.inventory.surplus).toEqual([]);
    expect(result.inventory).toMatchObject({ risk: 'high', total_estimated_cost: 127_500 });
    expect(result.summary).toBe('Need to procure 51 additional laptops. Risk assessment: high.');
    expect(result.recommendations).toMatchObject({
      immediate: [{ model: 'MacBook Pro', quantity: 51, timeframe: '2-4 weeks' }],
      short_term: [],
    });
    expect(renderMarkdown(result)).toContain('**Total Estimated Cost**: $127,500.00');
  });

  it('demand patterns: headcounts, laptops per department and totals', () => {
    const patterns = report('model the demand').demand_patterns;
    expect(patterns?.departments.map((department) => department.projected_headcount)).toEqual([125, 138, 154, 172]);
    expect(patterns?.departments.map(({ laptops }) => laptops.map((laptop) => laptop.units))).toEqual([
      [100, 25],
      [41, 96],
      [77, 77],
      [68, 103],
    ]);
    expect(patterns?.totals).toEqual([
      { model: 'MacBook Pro', units: 286 },
      { model: 'MacBook Air', units: 301 },
    ]);
  });
});

describe('the report', () => {
  it('has the sections of the inventory analysis in order', () => {
    const markdown = renderMarkdown(report('perform market analysis'));
    expect(markdown.match(/^#+ .*$/gm)).toEqual([
      '# Market Analysis Report',
      '## Analysis Overview',
      '## Executive Summary',
      '## Inventory Analysis',
      '### Inventory Gaps:',
      '### Inventory Surplus:',
      '## Recommendations',
      '### Short-term Planning:',
      '## Available MCP Tools',
      '## Next Steps',
    ]);
    expect(markdown).toContain('- **Type**: Inventory Demand Analysis');
    expect(markdown).toContain('- **Timeframe**: 6 months');
    expect(markdown).toContain('- **Departments**: engineering, sales, marketing, operations');
    expect(markdown).toContain('- **Generated**: 2026-03-02T10:00:00.000Z');
    expect(markdown).toContain('- **get_inventory_levels**: What is in stock.');
    expect(renderMarkdown({ ...report('perform market analysis'), tools: [] })).toContain(
      'offers no tools to this agent',
    );
    expect(markdown).toMatch(/Market Analysis Agent v1\.0\*\n$/);
  });

  it('counts nothing that is only on order, and says that it is', () => {
    const [pro, ...others] = acmeCorp(6).models;
    const result = report('perform market analysis', { models: pro ? [{ ...pro, onOrder: 10 }, ...others] : others });
    expect(result.inventory.total_estimated_cost).toBe(25_000);
    expect(result.next_steps).toContain('Count what is on order already (10 MacBook Pro) before ordering more');
  });

  it('W6: names the agent that the proxy verified', () => {
    const result = report('perform market analysis');
    expect(result.requested_by).toEqual(requestedBy);
    expect(renderMarkdown(result)).toContain(`- **Requested by**: ${requestedBy.agent}`);
  });

  it('W5: a comprehensive analysis has every section', () => {
    const result = report('a comprehensive analysis of the next quarter', {}, new Date('2026-09-01T00:00:00Z'));
    expect(result).toMatchObject({ label: 'Comprehensive Market Analysis', timeframe_months: 3 });
    const markdown = renderMarkdown(result);
    for (const section of ['Executive Summary', 'Inventory Analysis', 'Market Trends', 'Demand Patterns']) {
      expect(markdown).toContain(`## ${section}`);
    }
  });

  it('W5: trends and demand patterns are rendered', () => {
    const trends = renderMarkdown(report('forecast the market trend for the quarter'));
    expect(trends).toContain('## Market Trends');
    expect(trends).toContain('**New laptop models are due within 3 months.** Impact: medium.');
    const patterns = renderMarkdown(report('model the demand'));
    expect(patterns).toContain('| engineering | 100 | 25% | 125 | 36 months | 100 (80%) | 25 (20%) |');
    expect(patterns).toContain('| **Total** |  |  |  |  | 286 | 301 |');
  });
});

describe('trends', () => {
  const trendsOf = (message: string, at: string, market = acmeCorp(6).market) =>
    report(message, { market }, new Date(at)).trends.map((trend) => trend.trend);

  it.each([
    ['2026-07-31T23:59:59Z', ['pricing']],
    ['2026-08-01T00:00:00Z', ['seasonal_demand', 'pricing']],
    ['2026-10-31T23:59:59Z', ['seasonal_demand', 'pricing']],
    ['2026-11-01T00:00:00Z', ['pricing']],
  ])('W15: the season is told from the clock: %s', (at, expected) => {
    expect(trendsOf('forecast trends', at)).toEqual(expected);
  });

  it('names product releases only within three months', () => {
    expect(trendsOf('forecast trends of the quarter', '2026-01-01T00:00:00Z')).toEqual(['product_releases', 'pricing']);
  });

  it('puts supply problems first and shows three at most', () => {
    const market = { newModelReleases: true, priceIncreases: true, supplyIssues: false, shortages: true };
    expect(trendsOf('forecast trends of the quarter', '2026-09-01T00:00:00Z', market)).toEqual([
      'supply_chain',
      'product_releases',
      'seasonal_demand',
      'pricing',
    ]);
    const markdown = renderMarkdown(report('forecast trends of the quarter', { market }, new Date('2026-09-01')));
    expect(markdown.match(/Impact:/g)).toHaveLength(3);
    expect(markdown).toContain('Vendors report component shortages.');
  });
});
