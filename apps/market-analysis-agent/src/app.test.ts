import { createA2AClient } from '@aauth-stack/a2a/client';
import { createInteractionRelay } from '@aauth-stack/a2a/interaction';
import type { AgentStatus } from '@aauth-stack/aauth/agent';
import { systemClock } from '@aauth-stack/aauth/clock';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createHeldCalls } from '@aauth-stack/aauth/resource';
import { type HttpServer, serve } from '@aauth-stack/service/http';
import { captureLog } from '@aauth-stack/service/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { caller, forwarded, proxySecret, throughProxy } from '../test/forwarded.ts';
import { type InventoryServer, startInventoryServer } from '../test/inventory-server.ts';
import { createAgent } from './agent.ts';
import { createApp } from './app.ts';

const identifier = 'http://market-analysis-agent.localhost:3000';
const issuer = parseServerIdentifier(identifier, { allowLoopback: true });
let enrolment: AgentStatus;
let captured: ReturnType<typeof captureLog>;
let server: HttpServer;
let inventory: InventoryServer;
let inventoryTimeoutMs: number;

beforeEach(async () => {
  enrolment = { state: 'pending', detail: 'waits for the person' };
  captured = captureLog();
  const now = () => new Date('2026-03-02T10:00:00Z');
  inventory = await startInventoryServer();
  inventoryTimeoutMs = 30_000;
  const interactions = createInteractionRelay({
    identifier,
    callbackOrigins: [],
    identifiers: { allowLoopback: true },
  });
  const app = createApp({
    execute: (request) =>
      createAgent({
        agentName: 'Market Analysis Agent',
        inventory: inventory.url,
        inventoryTimeoutMs,
        interactions,
        fetchFor: () => fetch,
        now,
      })(request),
    heldCalls: createHeldCalls({ now: systemClock }),
    interactions,
    ownProvider: { metadata: { issuer, jwks_uri: `${issuer}/keys` }, jwks: { keys: [] } },
    identifier,
    proxySecret,
    enrolment: () => enrolment,
    now,
    log: captured.log,
  });
  server = await serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, log: captured.log, drainMs: 100 });
});

afterEach(async () => {
  await server.close();
  await inventory.close();
});

describe('health', () => {
  it('W8: is healthy at once and ready only when enrolled, and says what it waits for', async () => {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    const waiting = await fetch(`${server.url}/readyz`);
    expect(waiting.status).toBe(503);
    expect(await waiting.json()).toMatchObject({ checks: { identity: 'waits for the person' } });
    enrolment = { state: 'enrolled', detail: 'enrolled' };
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });
});

describe('the agent over A2A', () => {
  const ask = (text: string) => createA2AClient({ url: server.url, fetch: throughProxy }).send(text);

  it('answers with the report as text and as data', async () => {
    const { text, data } = await ask('perform market analysis');
    expect(text).toContain('Need to procure 10 additional laptops. Have 40 laptops in surplus.');
    expect(data).toMatchObject({
      kind: 'market-analysis-report',
      inventory: { risk: 'medium', total_estimated_cost: 25_000 },
      generated_at: '2026-03-02T10:00:00.000Z',
      tools: [{ name: 'get_inventory_levels', description: 'What is in stock.' }, {}, {}, {}, {}],
    });
  });

  it('W4: reads the text that was sent', async () => {
    const { data } = await ask('Please perform a market analysis: a comprehensive one for the year');
    expect(data).toMatchObject({
      analysis_type: 'comprehensive_market_analysis',
      timeframe_months: 12,
      inventory: { total_estimated_cost: 127_500 },
    });
  });

  it('W6: knows who asked from the headers of the proxy', async () => {
    const { text, data } = await ask('');
    expect(data).toMatchObject({ requested_by: { level: 'identified', agent: caller } });
    expect(text).toContain(`- **Requested by**: ${caller}`);
  });

  it.each([
    ['person', 'aa-person+jwt', {}, [], ''],
    [
      'authorized',
      'aa-auth+jwt',
      { 'x-aauth-scope': 'market-analysis:analyze' },
      ['market-analysis:analyze'],
      ' (scope market-analysis:analyze)',
    ],
  ])('knows the person behind a caller of level %s, and no agent', async (level, tokenType, granted, scope, suffix) => {
    const { 'x-aauth-proxy-secret': secret = '', 'x-aauth-jkt': jkt = '' } = forwarded;
    const headers = {
      'x-aauth-proxy-secret': secret,
      'x-aauth-jkt': jkt,
      'x-aauth-level': level,
      'x-aauth-scheme': 'jwt',
      'x-aauth-token-type': tokenType,
      'x-aauth-person-server': 'http://person-server.localhost:8765',
      'x-aauth-sub': 'p-1',
      ...granted,
    };
    const forPerson: typeof fetch = (input, init) => {
      const request = new Request(input, init);
      for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);
      return fetch(request);
    };
    const { text, data } = await createA2AClient({ url: server.url, fetch: forPerson }).send('perform market analysis');
    const person_server = 'http://person-server.localhost:8765';
    expect(data).toMatchObject({
      requested_by: { level, agent: null, agent_provider: null, person_server, subject: 'p-1', scope },
    });
    expect(text).toContain(`- **Requested by**: person p-1 of ${person_server}${suffix}\n`);
  });

  it('W6: believes nothing without the secret, says so in the log, and runs nothing', async () => {
    const { 'x-aauth-proxy-secret': _secret, ...forged } = forwarded;
    const direct: typeof fetch = (input, init) => {
      const request = new Request(input, init);
      for (const [name, value] of Object.entries(forged)) request.headers.set(name, value);
      return fetch(request);
    };
    const sent = createA2AClient({ url: server.url, fetch: direct }).send('perform market analysis');
    await expect(sent).rejects.toMatchObject({ status: 403, code: 'denied' });
    const extended = await direct(`${server.url}/agent/authenticatedExtendedCard`);
    expect(extended.status).toBe(403);
    expect(extended.headers.get('content-type')).toBe('application/problem+json');
    expect(captured.lines().filter((line) => line.level === 'warn')).toHaveLength(2);
  });
});

describe('the inventory server', () => {
  const ask = (text = 'perform market analysis') =>
    createA2AClient({ url: server.url, fetch: throughProxy }).send(text);
  const why = async () => {
    const error: unknown = await ask().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return String(error);
  };

  it('is asked for the timeframe, page by page, in a session that is ended again', async () => {
    await ask('market analysis for the year');
    expect(inventory.calls.filter(({ tool }) => tool === 'get_hiring_forecast').map(({ input }) => input)).toEqual([
      { months: 12 },
      { months: 12, cursor: '1' },
      { months: 12, cursor: '2' },
      { months: 12, cursor: '3' },
    ]);
    expect(inventory.sessions()).toBe(0);
  });

  it('decides what the report says: other data, another result', async () => {
    const [pro, ...others] = inventory.data.models;
    if (pro) inventory.data = { ...inventory.data, models: [{ ...pro, stock: 500 }, ...others] };
    expect((await ask()).data).toMatchObject({ inventory: { risk: 'low', total_estimated_cost: 0 } });
  });

  it('that is down is the reason why there is no analysis, at once', async () => {
    await ask();
    await inventory.close();
    expect(await why()).toMatch(
      /task_failed: The inventory at http:\/\/127\.0\.0\.1:\d+ could not be read, so there is no analysis: .*ECONNREFUSED/,
    );
  });

  it('that refuses is quoted', async () => {
    inventory.answer = () =>
      Response.json(
        { error: 'denied', detail: 'The policy of this resource does not admit this request.' },
        { status: 403, headers: { 'content-type': 'application/problem+json' } },
      );
    expect(await why()).toContain('HTTP 403 denied: The policy of this resource does not admit this request.');
  });

  it('that never answers is left', async () => {
    inventoryTimeoutMs = 300;
    inventory.answer = () => new Promise(() => {});
    expect(await why()).toContain('it did not answer in time');
  });

  it.each([
    [
      'an error page',
      () => new Response('<html>oops</html>', { status: 502, headers: { 'content-type': 'text/html' } }),
    ],
    ['no MCP', () => Response.json({ hello: 'world' })],
    ['a redirect', () => new Response(null, { status: 307, headers: { location: 'http://127.0.0.1:1/mcp' } })],
  ])('that answers with %s gives no analysis', async (_what, answer) => {
    inventory.answer = answer;
    expect(await why()).toContain('could not be read, so there is no analysis');
  });

  it.each([
    ['get_market_trends', 'leaves a tool out', /get_market_trends/],
    ['get_refresh_cycles', 'leaves a tool out', /get_refresh_cycles/],
  ])('without %s gives no analysis', async (tool, _what, reason) => {
    inventory.without.add(tool);
    expect(await why()).toMatch(reason);
  });

  it('with a gap in its data gives no analysis', async () => {
    inventory.forget = 'sales';
    expect(await why()).toContain('it does not say the refresh cycle of sales.');
  });
});

it('serves what makes it its own agent provider', async () => {
  expect(await (await fetch(`${server.url}/.well-known/aauth-agent.json`)).json()).toMatchObject({ issuer });
  expect(await (await fetch(`${server.url}/.well-known/aauth-agent-jwks.json`)).json()).toEqual({ keys: [] });
});

describe('cards', () => {
  it('W3: the public card is open and names the public address', async () => {
    expect(await (await fetch(`${server.url}/.well-known/agent-card.json`)).json()).toMatchObject({
      name: 'Market Analysis Agent',
      version: '1.0.0',
      url: `${identifier}/`,
      protocolVersion: '0.3.0',
      documentationUrl: 'https://docs.demo.corp/agents/market-analysis',
      security: [{ bearerAuth: ['market-analysis:analyze', 'agents:delegate'] }],
      skills: [{ id: 'inventory_demand_analysis' }, { id: 'market_trend_forecasting' }],
    });
  });

  it('the extended card is for callers the proxy knows', async () => {
    expect(await (await throughProxy(`${server.url}/agent/authenticatedExtendedCard`)).json()).toMatchObject({
      name: 'Market Analysis Agent - Extended Edition',
      version: '1.0.1',
      skills: [{}, {}, { id: 'demand_pattern_modeling' }],
    });
  });
});

it('an unknown route is 404 problem+json', async () => {
  const response = await fetch(`${server.url}/nothing`);
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ error: 'not_found', detail: 'There is no GET /nothing here.' });
});

it('forwarded values that no proxy can have verified are 400, and nothing runs', async () => {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { ...forwarded, 'content-type': 'application/json', 'x-aauth-agent': 'nobody' },
    body: '{}',
  });
  expect(response.status).toBe(400);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
});
