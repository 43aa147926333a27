import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createA2AClient } from '@aauth-stack/a2a/client';
import { createOtlpReceiver } from '@aauth-stack/telemetry/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { proxySecret, throughProxy } from '../test/forwarded.ts';
import { sixMonths } from '../test/market-analysis.ts';
import { startMarketAnalysisAgent } from '../test/market-analysis-agent.ts';
import { type ServiceProcess, startService } from '../test/process.ts';
import { startAgentProvider, startProxy } from '../test/surroundings.ts';

const cleanups: (() => unknown)[] = [];
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'supply-chain-agent-'));
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await rm(directory, { recursive: true });
});

function keep<T extends { close(): unknown }>(started: T): T {
  cleanups.push(() => started.close());
  return started;
}

function start(environment: Record<string, string>): ServiceProcess {
  const service = startService({
    SUPPLY_CHAIN_AGENT_PORT: '0',
    AAUTH_PROXY_SECRET: proxySecret,
    STABLE_KEY_FILE: join(directory, 'stable.pem'),
    PROVIDER_KEY_FILE: join(directory, 'provider.pem'),
    OTEL_SERVICE_NAME: 'supply-chain-agent',
    ...environment,
  });
  cleanups.push(() => service.terminate());
  return service;
}

const ready = async (url: string) => (await fetch(`${url}/readyz`)).status;

describe('the process', () => {
  it('enrols, calls the market-analysis agent as itself through the proxy, and traces what it does', async () => {
    const receiver = keep(await createOtlpReceiver());
    const agentProvider = keep(await startAgentProvider());
    const marketAnalysisAgent = keep(
      await startMarketAnalysisAgent(async () => ({ text: '# Market Analysis Report', data: sixMonths() })),
    );
    const proxy = keep(await startProxy({ target: marketAnalysisAgent.url, agentProvider: agentProvider.issuer }));
    const service = start({
      AGENT_PROVIDER_URL: agentProvider.issuer,
      MARKET_ANALYSIS_AGENT_URL: proxy.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    });
    const url = await service.url;
    await expect.poll(() => ready(url), { timeout: 20_000 }).toBe(200);
    expect((await stat(join(directory, 'stable.pem'))).mode & 0o777).toBe(0o600);

    const { data } = await createA2AClient({ url, fetch: throughProxy }).send('perform market analysis');
    expect(data).toMatchObject({ totals: { quantity: 10, cost: 25_000 }, market_analysis: sixMonths() });
    expect(proxy.callers).toEqual([expect.objectContaining({ 'x-aauth-agent': agentProvider.agent })]);
    expect(await service.terminate()).toBe(0);

    const names = ['supply_chain_agent.invoke', 'supply_chain_agent.get_market_analysis'];
    const spans = await receiver.waitFor((all) => names.every((name) => all.some((span) => span.name === name)));
    const [invoke, ask] = names.map((name) => spans.find((span) => span.name === name));
    expect(ask?.parentSpanId).toBe(invoke?.spanId);
    expect(invoke).toMatchObject({
      service: 'supply-chain-agent',
      attributes: { 'aauth.agent': expect.stringContaining('aauth:backend-app'), 'aauth.level': 'identified' },
    });
    expect(spans.find((span) => span.parentSpanId === ask?.spanId)).toMatchObject({ kind: 'client' });
    expect(receiver.wire().includes(proxySecret)).toBe(false);
    expect(`${service.output()}${receiver.wire().toString('latin1')}`).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]+/);
  }, 30_000);

  it('W8: without an agent provider it listens, says what it waits for, and answers what needs no token', async () => {
    const service = start({
      AGENT_PROVIDER_URL: 'http://127.0.0.1:1',
      MARKET_ANALYSIS_AGENT_URL: 'http://127.0.0.1:1',
    });
    const url = await service.url;
    await expect.poll(() => service.output(), { timeout: 20_000 }).toContain('http://127.0.0.1:1');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(await ready(url)).toBe(503);
    const { data } = await createA2AClient({ url, fetch: throughProxy }).send('perform market analysis');
    expect(data).toMatchObject({
      market_analysis: { unavailable: expect.stringContaining('There is no valid agent token.') },
    });
    expect(await service.terminate()).toBe(0);
  }, 30_000);

  it('W8: a wrong setting ends it with one line that names it', async () => {
    const service = start({ SUPPLY_CHAIN_AGENT_PORT: 'nine', AAUTH_PROXY_SECRET: 'short' });
    expect(await service.exit).toBe(1);
    const complaint = service.output().trim();
    expect(complaint.split('\n')).toHaveLength(1);
    expect(complaint).toContain('SUPPLY_CHAIN_AGENT_PORT="nine" is wrong');
    expect(complaint).toContain('AAUTH_PROXY_SECRET="***" is wrong');
  }, 30_000);
});
