import type { RequestedBy } from '@aauth-stack/a2a/server';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryCompany } from '../../test/company-data.ts';
import { slowInventory, slowPatterns } from '../../test/slow-reference.ts';
import type { CompanyData } from '../analysis/data.ts';
import { parseAnalysisRequest } from '../analysis/request.ts';
import { renderMarkdown } from './markdown.ts';
import { createReport } from './report.ts';

const timeframes = fc.constantFrom<[string, number][]>(['quarter', 3], ['half', 6], ['year', 12]);
const requestedBy: RequestedBy = {
  level: 'identified',
  agent: 'aauth:a@b.example',
  agent_provider: 'https://b.example',
  person_server: null,
  subject: null,
  scope: [],
};

function reportOf(data: CompanyData, words: string) {
  const message = `a comprehensive analysis of the ${words}`;
  const request = parseAnalysisRequest(message);
  return createReport({ agentName: 'Market Analysis Agent', request, requestedBy, data, tools: [], now: new Date(0) });
}

describe('for any company and timeframe', () => {
  it('the structure equals the slow reference', () => {
    fc.assert(
      fc.property(arbitraryCompany, timeframes, (data, [words, months]) => {
        const { inventory, timeframe_months, demand_patterns } = reportOf(data, words);
        const expected = slowInventory(data);
        expect(timeframe_months).toBe(months);
        expect(inventory.risk).toBe(expected.risk);
        expect(inventory.total_estimated_cost).toBe(expected.total);
        expect(
          new Map(
            inventory.gaps.map(({ model, shortfall, priority, cost, required }) => [
              model,
              { shortfall, priority, cost, required },
            ]),
          ),
        ).toEqual(expected.gaps);
        expect(
          new Map(inventory.surplus.map(({ model, surplus, required }) => [model, { surplus, required }])),
        ).toEqual(expected.surplus);
        const patterns = demand_patterns?.departments.map(({ department, laptops }): [string, Map<string, number>] => [
          department,
          new Map(laptops.map(({ model, units }) => [model, units])),
        ]);
        expect(new Map(patterns)).toEqual(slowPatterns(data));
      }),
    );
  });

  it('the Markdown says what the structure says', () => {
    fc.assert(
      fc.property(arbitraryCompany, timeframes, (data, [words]) => {
        const report = reportOf(data, words);
        const markdown = renderMarkdown(report);
        const { gaps, surplus, risk, total_estimated_cost } = report.inventory;
        expect(textAfter(markdown, '**Timeframe**')).toBe(`${report.timeframe_months} months`);
        expect(textAfter(markdown, '**Risk Assessment**')).toBe(risk);
        expect(numberAfter(markdown, '**Inventory Gaps**')).toBe(gaps.length);
        expect(numberAfter(markdown, '**Inventory Surplus**')).toBe(surplus.length);
        expect(modelLines(section(markdown, '### Inventory Gaps:'))).toEqual(
          gaps.map((gap) => [gap.model, gap.shortfall, gap.current, gap.required]),
        );
        expect(modelLines(section(markdown, '### Inventory Surplus:'))).toEqual(
          surplus.map((entry) => [entry.model, entry.surplus, entry.current, entry.required]),
        );
        expect(numberAfter(markdown, '**Total Estimated Cost**') ?? 0).toBe(total_estimated_cost);
        expect(costs(section(markdown, '## Recommendations'))).toBe(total_estimated_cost);
        const missing = gaps.reduce((total, gap) => total + gap.shortfall, 0);
        expect(Number(/procure (\d+) additional/.exec(markdown)?.[1] ?? 0)).toBe(missing);
        const totals = report.demand_patterns?.totals.map((total) => String(total.units)).join(' | ');
        expect(markdown).toContain(`| **Total** |  |  |  |  | ${totals} |`);
      }),
    );
  });
});

function textAfter(markdown: string, label: string): string | undefined {
  return markdown.split(`${label}: `)[1]?.split('\n')[0];
}

function numberAfter(markdown: string, label: string): number | undefined {
  const text = textAfter(markdown, label);
  return text === undefined ? undefined : Number(text.replaceAll(/[$,]/g, ''));
}

/** From a heading to the next one that is no deeper. */
function section(markdown: string, heading: string): string {
  const rest = markdown.split(`${heading}\n`)[1] ?? '';
  const depth = heading.indexOf(' ');
  return rest.split(new RegExp(`^#{1,${depth}} `, 'm'))[0] ?? '';
}

function modelLines(text: string): [string, number, number, number][] {
  const pattern = /^- \*\*(.+?)\*\*: (\d+) units \(in stock (\d+), required (\d+)/gm;
  return [...text.matchAll(pattern)].map(([, model = '', units, current, required]) => [
    model,
    Number(units),
    Number(current),
    Number(required),
  ]);
}

function costs(text: string): number {
  return [...text.matchAll(/priority, \$([\d,.]+)\)/g)].reduce(
    (total, [, cost = '']) => total + Number(cost.replaceAll(',', '')),
    0,
  );
}
