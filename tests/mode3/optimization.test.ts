import { describe, expect, it } from 'vitest';
import { endOf, reportOf, resultsOf, startRun } from '../support/backend.ts';
import { issuedTokens } from '../support/person.ts';

const supplyChain = 'http://supply-chain-agent.localhost:3000';
const marketAnalysis = 'http://market-analysis-agent.localhost:3000';

describe('an optimization in mode3', () => {
  it('completes through two protected hops, and nobody is asked', async () => {
    const requestId = await startRun({ prompt: 'perform market analysis' });
    const progress = await endOf(requestId);
    expect(progress).toMatchObject({ status: 'completed', error: null, interaction_url: null });
    expect(reportOf(progress)).toContain('Market Analysis Report');
    const results = await resultsOf(requestId);
    expect(results.summary.total_cost).toBe(25_000);
    expect(new Set(results.reasoning.map(({ agent }) => agent))).toEqual(
      new Set(['market-analysis-agent', 'supply-chain-agent']),
    );
  });

  it('gives each resource another directed identifier of the same person', async () => {
    await endOf(await startRun({ prompt: 'perform market analysis' }));
    const issued = await issuedTokens();
    const subjects = (resource: string) =>
      new Set(issued.filter(({ audience }) => audience === resource).map(({ subject }) => subject));
    expect(subjects(supplyChain).size).toBe(1);
    expect(subjects(marketAnalysis).size).toBe(1);
    expect(subjects(supplyChain)).not.toEqual(subjects(marketAnalysis));
  });

  it('W10: reuses its tokens: a second run causes no new exchange', async () => {
    await endOf(await startRun({ prompt: 'perform market analysis' }));
    const before = await issuedTokens();
    expect((await endOf(await startRun({ prompt: 'optimize laptop supply chain' }))).status).toBe('completed');
    const after = await issuedTokens();
    expect(after.filter(({ audience }) => audience === supplyChain)).toHaveLength(
      before.filter(({ audience }) => audience === supplyChain).length,
    );
  });

  it('serves several runs at once', async () => {
    const runs = await Promise.all([1, 2, 3].map(() => startRun({ prompt: 'perform market analysis' })));
    for (const run of runs) expect((await endOf(run)).status).toBe('completed');
  });
});
