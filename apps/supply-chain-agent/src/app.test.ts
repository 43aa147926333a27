import { createA2AClient } from '@aauth-stack/a2a/client';
import { createInteractionRelay } from '@aauth-stack/a2a/interaction';
import type { Execute } from '@aauth-stack/a2a/server';
import type { AgentStatus } from '@aauth-stack/aauth/agent';
import { systemClock } from '@aauth-stack/aauth/clock';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createHeldCalls } from '@aauth-stack/aauth/resource';
import { type HttpServer, serve } from '@aauth-stack/service/http';
import { captureLog } from '@aauth-stack/service/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { caller, forwarded, proxySecret, throughProxy } from '../test/forwarded.ts';
import { sixMonths } from '../test/market-analysis.ts';
import { startMarketAnalysisAgent } from '../test/market-analysis-agent.ts';
import { createAgent } from './agent.ts';
import { createApp } from './app.ts';
import { purchasingPolicies } from './policies/data.ts';

const identifier = 'http://supply-chain-agent.localhost:3000';
const now = () => new Date('2026-03-02T10:00:00Z');
const ownProvider = {
  metadata: { issuer: parseServerIdentifier(identifier, { allowLoopback: true }), jwks_uri: `${identifier}/keys` },
  jwks: { keys: [] },
};
const interactions = createInteractionRelay({
  identifier,
  callbackOrigins: [],
  identifiers: { allowLoopback: true },
});
let answer: Execute;
let marketAnalysisFetch: typeof fetch;
let enrolment: AgentStatus;
let captured: ReturnType<typeof captureLog>;
let marketAnalysisAgent: Awaited<ReturnType<typeof startMarketAnalysisAgent>>;
let server: HttpServer;

beforeEach(async () => {
  answer = async () => ({ text: '# Market Analysis Report\n\nsix months\n', data: sixMonths() });
  marketAnalysisFetch = throughProxy;
  enrolment = { state: 'starting', detail: 'has not asked yet' };
  captured = captureLog();
  marketAnalysisAgent = await startMarketAnalysisAgent((request) => answer(request));
  const execute = createAgent({
    agentName: 'Supply Chain Optimizer Agent',
    policies: purchasingPolicies,
    marketAnalysisAgentFor: () =>
      createA2AClient({ url: marketAnalysisAgent.url, fetch: (input, init) => marketAnalysisFetch(input, init) }),
    marketAnalysisTimeoutMs: 200,
    interactions,
    now,
    log: captured.log,
  });
  const app = createApp({
    execute,
    identifier,
    proxySecret,
    heldCalls: createHeldCalls({ now: systemClock }),
    interactions,
    enrolment: () => enrolment,
    ownProvider,
    now,
    log: captured.log,
  });
  server = await serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, log: captured.log, drainMs: 100 });
});

afterEach(async () => {
  await server.close();
  await marketAnalysisAgent.close();
});

const client = () => createA2AClient({ url: server.url, fetch: throughProxy });
const ask = (text: string) => client().send(text);

describe('health', () => {
  it('W8: is healthy at once and ready only when enrolled, and says what it waits for', async () => {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    const waiting = await fetch(`${server.url}/readyz`);
    expect(waiting.status).toBe(503);
    expect(await waiting.json()).toMatchObject({ checks: { identity: 'has not asked yet' } });
    enrolment = { state: 'enrolled', detail: 'enrolled' };
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });
});

describe('the agent over A2A', () => {
  it('asks the market-analysis agent, and plans by its numbers', async () => {
    const { text, data } = await ask('Perform Market Analysis of our laptops.');
    expect(marketAnalysisAgent.texts).toEqual([
      'Please perform a market analysis for this request: Perform Market Analysis of our laptops.',
    ]);
    expect(data).toMatchObject({
      kind: 'supply-chain-report',
      purchase_plan: [{ item: 'MacBook Pro', quantity: 10, total: 25_000 }],
      totals: { quantity: 10, cost: 25_000 },
      market_analysis: sixMonths(),
      market_analysis_text: expect.stringContaining('six months'),
    });
    expect(text).toMatch(/^# Supply Chain Optimization Analysis\n/);
    expect(text).toContain('## Market Analysis\n\n### Market Analysis Report\n\nsix months\n');
  });

  it('keeps what it does not know of a market analysis', async () => {
    answer = async () => ({ text: 'x', data: { ...sixMonths(), requested_by: { agent: 'somebody' } } });
    const { data } = await ask('perform market analysis');
    expect(data).toMatchObject({ market_analysis: { requested_by: { agent: 'somebody' } } });
  });

  it('asks nobody when the request does not', async () => {
    const { data } = await ask('optimize the laptop supply chain');
    expect(marketAnalysisAgent.texts).toEqual([]);
    expect(data).toMatchObject({ market_analysis: null, market_analysis_text: null, purchase_plan: [] });
  });

  it('says what it is doing to whoever watches', async () => {
    const statuses: string[] = [];
    await client().send('perform market analysis', { onStatus: ({ text }) => statuses.push(text) });
    expect(statuses).toEqual(['Asking the market-analysis agent', 'Applying the purchasing policies']);
  });

  it('W6: knows who asked from the headers of the proxy', async () => {
    const { text, data } = await ask('laptops');
    expect(data).toMatchObject({ requested_by: { level: 'identified', agent: caller } });
    expect(text).toContain(`- **Requested by**: ${caller}`);
  });

  it('W6: believes nothing without the secret, says so in the log, and runs nothing', async () => {
    const { 'x-aauth-proxy-secret': _secret, ...forged } = forwarded;
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { ...forged, 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'message/send', params: {} }),
    });
    expect(response.status).toBe(403);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect((await fetch(`${server.url}/agent/authenticatedExtendedCard`, { headers: forged })).status).toBe(403);
    expect(marketAnalysisAgent.texts).toEqual([]);
    expect(captured.lines().filter((line) => line.level === 'warn')).toHaveLength(2);
  });
});

describe('W11: a market analysis that cannot be had does not fail the report, which says why', () => {
  const refusing =
    (status: number, problem: object): typeof fetch =>
    async () =>
      Response.json(problem, { status, headers: { 'content-type': 'application/problem+json' } });
  const respondWith = (fetchImpl: typeof fetch) => () => {
    marketAnalysisFetch = fetchImpl;
  };

  it.each([
    [
      'the proxy refuses',
      respondWith(refusing(403, { error: 'denied', detail: 'authorization failed' })),
      'HTTP 403 denied: authorization failed',
    ],
    [
      'the signature does not hold',
      respondWith(refusing(401, { error: 'expired_jwt', detail: 'The agent token has expired.' })),
      'HTTP 401 expired_jwt: The agent token has expired.',
    ],
    ['nobody is there', respondWith((_input, init) => fetch('http://127.0.0.1:1/', init)), 'unreachable: '],
    [
      'the agent fails',
      () => {
        answer = async () => {
          throw new Error('boom');
        };
      },
      'task_failed: The agent could not answer.',
    ],
    [
      'the agent is too slow',
      () => {
        answer = () => new Promise(() => {});
      },
      'timeout: ',
    ],
    [
      'the reply has no data',
      () => {
        answer = async () => ({ text: 'only text' });
      },
      'the reply is not a market analysis',
    ],
    [
      'the numbers are nonsense',
      () => {
        const analysis = sixMonths();
        const inventory = { ...analysis.inventory, gaps: [{ ...analysis.inventory.gaps[0], shortfall: -1 }] };
        answer = async () => ({ text: 'x', data: { ...analysis, inventory } });
      },
      'the reply is not a market analysis (inventory.gaps.0.shortfall: ',
    ],
  ])('%s', async (_name, arrange, reason) => {
    arrange();
    const { text, data } = await ask('perform market analysis');
    expect(data).toMatchObject({
      purchase_plan: [],
      market_analysis: { unavailable: expect.stringContaining(reason) },
    });
    expect(text).toContain(`## Market Analysis\n\nNo market analysis provided (${reason}`);
    expect(captured.lines()).toContainEqual(expect.objectContaining({ msg: 'the market analysis is unavailable' }));
  });
});

describe('this agent as its own agent provider', () => {
  it('says so to everybody, without the secret of the proxy', async () => {
    const metadata = await fetch(`${server.url}/.well-known/aauth-agent.json`);
    expect(metadata.status).toBe(200);
    expect(metadata.headers.get('cache-control')).toBe('public, max-age=300');
    expect(await metadata.json()).toEqual(ownProvider.metadata);
    expect(await (await fetch(`${server.url}/.well-known/aauth-agent-jwks.json`)).json()).toEqual(ownProvider.jwks);
  });
});

describe('cards', () => {
  it('W3: the public card is open and names the public address', async () => {
    expect(await (await fetch(`${server.url}/.well-known/agent-card.json`)).json()).toMatchObject({
      name: 'Supply Chain Optimizer Agent',
      version: '1.0.0',
      url: `${identifier}/`,
      protocolVersion: '0.3.0',
      documentationUrl: 'https://docs.demo.corp/agents/supply-chain-optimizer',
      security: [{ bearerAuth: ['supply-chain:optimize', 'agents:delegate'] }],
      skills: [{ id: 'supply_chain_optimization' }],
    });
  });

  it('the extended card is for callers the proxy knows', async () => {
    expect(await (await throughProxy(`${server.url}/agent/authenticatedExtendedCard`)).json()).toMatchObject({
      name: 'Supply Chain Optimizer Agent - Extended Edition',
      version: '1.0.1',
      skills: [{}, { id: 'business_policy_application' }],
    });
  });
});
