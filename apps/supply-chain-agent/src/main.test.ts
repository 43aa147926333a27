import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createA2AClient } from '@aauth-stack/a2a/client';
import { startProcess, type TestProcess } from '@aauth-stack/service/testing';
import { createOtlpReceiver } from '@aauth-stack/telemetry/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { proxySecret, throughProxy } from '../test/forwarded.ts';
import { sixMonths } from '../test/market-analysis.ts';
import { startMarketAnalysisAgent } from '../test/market-analysis-agent.ts';
import { callerKey, forwardedToken, withHeaders } from '../test/person-caller.ts';
import { startPersonServer } from '../test/person-server.ts';
import { startAgentProvider, startFront, startProxy } from '../test/surroundings.ts';

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

function start(environment: Record<string, string>): TestProcess {
  return startProcess({
    directory: new URL('..', import.meta.url),
    environment: {
      SUPPLY_CHAIN_AGENT_PORT: '0',
      AAUTH_PROXY_SECRET: proxySecret,
      STABLE_KEY_FILE: join(directory, 'stable.pem'),
      PROVIDER_KEY_FILE: join(directory, 'provider.pem'),
      OTEL_SERVICE_NAME: 'supply-chain-agent',
      ...environment,
    },
  });
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
    await expect.poll(() => ready(url)).toBe(200);
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
  });

  it('calls the market-analysis agent for the person of its caller, and traces each step of it', async () => {
    const receiver = keep(await createOtlpReceiver());
    const agentProvider = keep(await startAgentProvider());
    const personServer = keep(await startPersonServer(agentProvider.issuer));
    const marketAnalysisAgent = keep(
      await startMarketAnalysisAgent(async () => ({ text: '# Market Analysis Report', data: sixMonths() })),
    );
    const proxy = keep(await startProxy({ target: marketAnalysisAgent.url, personServer: personServer.issuer }));
    const front = keep(await startFront());
    const service = start({
      AGENT_PROVIDER_URL: agentProvider.issuer,
      PERSON_SERVER_URL: personServer.issuer,
      SUPPLY_CHAIN_AGENT_URL: front.identifier,
      MARKET_ANALYSIS_AGENT_URL: proxy.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    });
    const url = await service.url;
    front.leadsTo(url);
    await expect.poll(() => ready(url)).toBe(200);
    expect((await stat(join(directory, 'provider.pem'))).mode & 0o777).toBe(0o600);

    const { publicJwk } = callerKey;
    const { token, claims } = await personServer.authToken('alice', front.identifier, publicJwk, ['supply-chain:read']);
    const { data } = await createA2AClient({ url, fetch: withHeaders(forwardedToken(token)) }).send(
      'perform market analysis',
    );
    expect(data).toMatchObject({ market_analysis: sixMonths() });
    expect(await service.terminate()).toBe(0);

    const spans = await receiver.waitFor((all) => all.some((span) => span.name === 'supply_chain_agent.invoke'));
    expect(spans.find((span) => span.name === 'supply_chain_agent.invoke')?.attributes).toMatchObject({
      'aauth.level': 'authorized',
      'aauth.token.type': 'aa-auth+jwt',
      'aauth.person.sub': claims.sub,
      'aauth.scope': ['supply-chain:read'],
    });
    const ask = spans.find((span) => span.name === 'supply_chain_agent.get_market_analysis');
    const steps = ask?.events.map(({ name, attributes }) => [
      name,
      attributes['aauth.result'] ?? attributes['aauth.requirement'] ?? attributes['aauth.remedy'],
      attributes['aauth.token.type'],
    ]);
    expect(steps).toEqual([
      ['aauth.exchange', 'requested', 'aa-person+jwt'],
      ['aauth.exchange', 'received', 'aa-person+jwt'],
      ['aauth.challenge', 'auth-token', 'aa-resource+jwt'],
      ['aauth.exchange', 'requested', 'aa-auth+jwt'],
      ['aauth.exchange', 'received', 'aa-auth+jwt'],
      ['aauth.retry', 'exchange-resource-token', undefined],
    ]);
    const challenge = ask?.events.find(({ name }) => name === 'aauth.challenge');
    expect(JSON.parse(String(challenge?.attributes['aauth.token.claims']))).toMatchObject({
      iss: proxy.identifier,
      aud: personServer.issuer,
      sub: personServer.directed('alice', proxy.identifier),
      scope: 'market-analysis:analyze',
    });
    const signed = spans.filter((span) => span.kind === 'client' && span.parentSpanId === ask?.spanId);
    expect(
      signed
        .filter(({ attributes }) => attributes['aauth.scheme'] === 'jwt')
        .map(({ attributes }) => [new URL(String(attributes['url.full'])).origin, attributes['aauth.token.type']]),
    ).toEqual([
      [personServer.issuer, 'aa-agent+jwt'],
      [proxy.identifier, 'aa-person+jwt'],
      [personServer.issuer, 'aa-agent+jwt'],
      [proxy.identifier, 'aa-auth+jwt'],
    ]);
    expect(`${service.output()}${receiver.wire().toString('latin1')}`).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]+/);
  });

  it('W8: without an agent provider it listens, says what it waits for, and answers what needs no token', async () => {
    const service = start({
      AGENT_PROVIDER_URL: 'http://127.0.0.1:1',
      MARKET_ANALYSIS_AGENT_URL: 'http://127.0.0.1:1',
    });
    const url = await service.url;
    await expect.poll(() => service.output()).toContain('http://127.0.0.1:1');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(await ready(url)).toBe(503);
    const { data } = await createA2AClient({ url, fetch: throughProxy }).send('perform market analysis');
    expect(data).toMatchObject({
      market_analysis: { unavailable: expect.stringContaining('There is no valid agent token.') },
    });
    expect(await service.terminate()).toBe(0);
  });

  it('a provider key that others can read ends it with one line that says what to do', async () => {
    const file = join(directory, 'provider.pem');
    await writeFile(file, 'whatever', { mode: 0o644 });
    const service = start({});
    expect(await service.ended).toBe(1);
    expect(service.output().trim().split('\n')).toHaveLength(1);
    expect(service.output()).toContain(`PROVIDER_KEY_FILE=${file} cannot be used`);
    expect(service.output()).toContain(`chmod 600 '${file}'`);
  });

  it('W8: a wrong setting ends it with one line that names it', async () => {
    const service = start({ SUPPLY_CHAIN_AGENT_PORT: 'nine', AAUTH_PROXY_SECRET: 'short' });
    expect(await service.ended).toBe(1);
    const complaint = service.output().trim();
    expect(complaint.split('\n')).toHaveLength(1);
    expect(complaint).toContain('SUPPLY_CHAIN_AGENT_PORT="nine" is wrong');
    expect(complaint).toContain('AAUTH_PROXY_SECRET="***" is wrong');
  });
});
