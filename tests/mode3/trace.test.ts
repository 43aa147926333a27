import type { ReceivedSpan } from '@aauth-stack/telemetry/testing';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { endOf, startRun } from '../support/backend.ts';
import { runScript } from '../support/commands.ts';
import { killed } from '../support/processes.ts';
import { hasEdge, traceOf } from '../support/trace.ts';
import { until } from '../support/until.ts';

/** Who calls whom in one run whose agents have no tokens yet. */
const edges = [
  ['supply-chain-backend', 'resource-proxy'],
  ['supply-chain-backend', 'person-server'],
  ['resource-proxy', 'supply-chain-agent'],
  ['supply-chain-agent', 'resource-proxy'],
  ['supply-chain-agent', 'person-server'],
  ['resource-proxy', 'market-analysis-agent'],
  ['market-analysis-agent', 'resource-proxy'],
  ['market-analysis-agent', 'person-server'],
  ['resource-proxy', 'inventory-mcp'],
] as const;

const supplyChain = 'http://supply-chain-agent.localhost:3000';
const marketAnalysis = 'http://market-analysis-agent.localhost:3000';
const inventory = 'http://inventory.localhost:3000';

let trace: ReceivedSpan[];

beforeAll(async () => {
  // New processes have new ephemeral keys, so the run obtains each token anew and the trace shows it.
  for (const service of ['backend', 'supply-chain-agent', 'market-analysis-agent']) await killed(service);
  expect(await runScript('start-infra.sh', ['mode3'], inject('stackEnvironment'))).toMatchObject({ code: 0 });
  const requestId = await startRun({ prompt: 'perform market analysis' });
  expect((await endOf(requestId)).status).toBe('completed');
  trace = await until('the spans of the run', async () => {
    const spans = await traceOf(requestId);
    const names = new Set(spans.map(({ name }) => name));
    // The last span of each service: its events are sent with it.
    const last = [
      'POST /optimization/start',
      'optimization_api.run_optimization_workflow',
      'supply_chain_agent.invoke',
      'market_analysis_agent.invoke',
    ];
    return last.every((name) => names.has(name)) && edges.every(([from, to]) => hasEdge(spans, from, to)) && spans;
  });
});

const eventsOf = (service: string, name: string) =>
  trace
    .filter((span) => span.service === service)
    .flatMap(({ events }) => events)
    .filter((event) => event.name === name)
    .map(({ attributes }) => attributes);

const claimsOf = (attributes: Record<string, unknown>) => JSON.parse(String(attributes['aauth.token.claims']));

describe('the trace of a run in mode3', () => {
  it.each(edges)('goes from %s to %s', (from, to) => {
    expect(hasEdge(trace, from, to)).toBe(true);
  });

  it.each([
    ['supply-chain-backend', supplyChain],
    ['supply-chain-agent', marketAnalysis],
    ['market-analysis-agent', inventory],
  ])('shows how %s was challenged, with the claims of the resource token', (service, resource) => {
    const challenges = eventsOf(service, 'aauth.challenge').filter(
      (attributes) => attributes['aauth.requirement'] === 'auth-token',
    );
    expect(challenges).toHaveLength(1);
    expect(claimsOf(challenges[0] ?? {})).toMatchObject({
      iss: resource,
      aud: 'http://person-server.localhost:8765',
      presented_jti: expect.any(String),
      agent_jkt: expect.any(String),
    });
  });

  it.each([
    ['supply-chain-backend', false],
    ['supply-chain-agent', true],
    ['market-analysis-agent', true],
  ])('shows the person token and the exchange of %s (chained: %s)', (service, chained) => {
    const exchanges = eventsOf(service, 'aauth.exchange');
    expect(exchanges.map((attributes) => [attributes['aauth.result'], attributes['aauth.token.type']])).toEqual([
      ['requested', 'aa-person+jwt'],
      ['received', 'aa-person+jwt'],
      ['requested', 'aa-auth+jwt'],
      ['received', 'aa-auth+jwt'],
    ]);
    const requested = exchanges.filter((attributes) => attributes['aauth.result'] === 'requested');
    for (const attributes of requested) expect(attributes['aauth.chained'] ?? false).toBe(chained);
  });

  it('says of each request at a resource which token it carried', () => {
    const carried = (resource: string) =>
      trace
        .filter(({ service, attributes }) => service === 'resource-proxy' && attributes['aauth.resource'] === resource)
        .map(({ attributes }) => attributes['aauth.token.type'])
        .filter((type) => type !== undefined);
    for (const resource of [supplyChain, marketAnalysis, inventory]) {
      expect(carried(resource)).toContain('aa-person+jwt');
      expect(carried(resource)).toContain('aa-auth+jwt');
    }
  });

  it('tells the same person apart at each resource', () => {
    const subjects = [supplyChain, marketAnalysis, inventory].map((resource) => {
      const span = trace.find(
        ({ attributes }) =>
          attributes['aauth.resource'] === resource && attributes['aauth.token.type'] === 'aa-auth+jwt',
      );
      return span?.attributes['aauth.person.sub'];
    });
    for (const subject of subjects) expect(subject).toEqual(expect.any(String));
    expect(new Set(subjects).size).toBe(subjects.length);
  });

  it('carries no complete token', async () => {
    const everything = await (await fetch(inject('spansUrl'))).text();
    expect(everything).not.toMatch(/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{20,}/);
  });
});
