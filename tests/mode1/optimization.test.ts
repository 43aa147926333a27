import { describe, expect, it } from 'vitest';
import { backendUrl, endOf, json, progressOf, reportOf, resultsOf, startRun } from '../support/backend.ts';

async function completed(body: object) {
  const requestId = await startRun(body);
  const progress = await endOf(requestId);
  expect(progress).toMatchObject({ status: 'completed', error: null, progress_percentage: 100 });
  expect(progress.interaction_url).toBeNull();
  return { progress, report: reportOf(progress), results: await resultsOf(requestId) };
}

describe('an optimization', () => {
  it('completes with a report in which both agents took part', async () => {
    const { report, results } = await completed({ prompt: 'perform market analysis' });
    expect(report).toContain('# Supply Chain Optimization Analysis');
    expect(report).toContain('# Market Analysis Report');
    const agents = new Set(results.reasoning.map(({ agent }) => agent));
    expect(agents).toEqual(new Set(['market-analysis-agent', 'supply-chain-agent']));
  });

  it('W1, W2: gives the golden result for six months, computed from the structured output', async () => {
    const { report, results } = await completed({ prompt: 'perform market analysis of laptop inventory' });
    expect(results.recommendations).toEqual([
      expect.objectContaining({
        item: expect.stringContaining('MacBook Pro'),
        quantity: 10,
        unit_price: 2500,
        total: 25_000,
      }),
    ]);
    expect(results.summary.total_cost).toBe(25_000);
    expect(results.summary.cost_savings).toBe(40 * 1500);
    expect(report).toContain('$25,000.00');
    expect(report).toMatch(/Risk Assessment\W+medium/i);
  });

  it('W4: gives the golden result for twelve months', async () => {
    const { report, results } = await completed({
      prompt: 'perform market analysis of laptop inventory for the next 12 months',
    });
    expect(results.recommendations).toEqual([
      expect.objectContaining({ item: expect.stringContaining('MacBook Pro'), quantity: 51, total: 127_500 }),
    ]);
    expect(results.summary.total_cost).toBe(127_500);
    expect(results.summary.cost_savings).toBe(0);
    expect(report).toContain('$127,500.00');
    expect(report).toMatch(/Risk Assessment\W+high/i);
    expect(results.reasoning.some(({ rationale }) => rationale.includes('100,000'))).toBe(true);
  });

  it('has nothing to buy, and says so, when no market analysis was asked for', async () => {
    const { report, results } = await completed({ prompt: 'optimize laptop supply chain' });
    expect(report).not.toContain('# Market Analysis Report');
    expect(results.recommendations).toEqual([]);
    expect(results.summary).toMatchObject({ total_cost: 0, expected_delivery: 'TBD' });
  });

  it('accepts an empty prompt', async () => {
    const { report } = await completed({ prompt: '' });
    expect(report).toContain('# Supply Chain Optimization Analysis');
  });

  it('completes several at once', async () => {
    const runs = await Promise.all([1, 2, 3].map(() => completed({ prompt: 'perform market analysis' })));
    expect(new Set(runs.map(({ results }) => results.request_id)).size).toBe(3);
  });

  it('W9: numbers its activities', async () => {
    const { progress } = await completed({ prompt: 'perform market analysis' });
    const ids = progress.activities.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(1);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is listed with the others, newest first', async () => {
    const requestId = await startRun({ prompt: 'optimize laptop supply chain' });
    await endOf(requestId);
    const all = await json<Array<{ request_id: string }>>(await fetch(`${backendUrl}/optimization/all`));
    expect(all[0]?.request_id).toBe(requestId);
    expect((await progressOf(requestId)).request_id).toBe(requestId);
  });
});
