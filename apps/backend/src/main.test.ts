import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPersonServer } from '@aauth-stack/by-hand';
import { createTestDatabase, startProcess } from '@aauth-stack/service/testing';
import { createOtlpReceiver } from '@aauth-stack/telemetry/testing';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { startAgentProvider } from '../test/agent-provider.ts';
import { startSupplyChainAgent } from '../test/supply-chain-agent.ts';

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function keep<T extends { close(): unknown }>(started: T): T {
  cleanups.push(() => started.close());
  return started;
}

const json = async (response: Promise<Response>) => (await response).json();

it('carries out a run that needs an auth token, and one trace shows how it got it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'backend-'));
  const database = await createTestDatabase();
  cleanups.push(
    () => rm(directory, { recursive: true }),
    () => database.drop(),
  );
  const receiver = keep(await createOtlpReceiver());
  const agentProvider = keep(await startAgentProvider());
  const personServer = keep(await startPersonServer());
  const supplyChainAgent = keep(await startSupplyChainAgent('auth-token'));
  const backend = startProcess({
    directory: new URL('..', import.meta.url),
    environment: {
      PORT: '0',
      DATABASE_URL: database.url,
      AGENT_PROVIDER_URL: agentProvider.issuer,
      PERSON_SERVER_URL: personServer.issuer,
      SUPPLY_CHAIN_AGENT_URL: supplyChainAgent.identifier,
      STABLE_KEY_FILE: join(directory, 'stable.pem'),
      OTEL_SERVICE_NAME: 'supply-chain-backend',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    },
  });
  const url = await backend.url;
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200);

  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ prompt: 'perform market analysis' });
  const started = await json(fetch(`${url}/optimization/start`, { method: 'POST', headers, body }));
  const { request_id } = z.object({ request_id: z.string() }).parse(started);
  const progressUrl = `${url}/optimization/progress/${request_id}`;
  await expect.poll(() => json(fetch(progressUrl))).toMatchObject({ status: 'completed', error: null });
  expect(await backend.terminate()).toBe(0);

  const name = 'a2a_service.optimize_supply_chain';
  const spans = await receiver.waitFor((all) => all.some((span) => span.name === name));
  const call = spans.find((span) => span.name === name);
  expect(
    call?.events.map((event) => [
      event.name,
      event.attributes['aauth.result'] ?? event.attributes['aauth.requirement'] ?? event.attributes['aauth.remedy'],
      event.attributes['aauth.token.type'],
    ]),
  ).toEqual([
    ['aauth.exchange', 'requested', 'aa-person+jwt'],
    ['aauth.exchange', 'received', 'aa-person+jwt'],
    ['aauth.challenge', 'auth-token', 'aa-resource+jwt'],
    ['aauth.exchange', 'requested', 'aa-auth+jwt'],
    ['aauth.exchange', 'received', 'aa-auth+jwt'],
    ['aauth.retry', 'exchange-resource-token', undefined],
  ]);
  const challenge = call?.events.find((event) => event.name === 'aauth.challenge');
  expect(JSON.parse(String(challenge?.attributes['aauth.token.claims']))).toMatchObject({
    iss: supplyChainAgent.identifier,
    aud: personServer.issuer,
    sub: personServer.subjectAt(supplyChainAgent.identifier),
    scope: 'supply-chain:read',
  });
  const presented = spans.filter(
    ({ parentSpanId, attributes }) => parentSpanId === call?.spanId && attributes['aauth.scheme'] === 'jwt',
  );
  expect(presented.map(({ attributes }) => attributes['aauth.token.type'])).toEqual([
    'aa-agent+jwt',
    'aa-person+jwt',
    'aa-agent+jwt',
    'aa-auth+jwt',
  ]);
  for (const span of presented) {
    expect(span.traceId).toBe(call?.traceId);
    expect(span.attributes).toMatchObject({ request_id });
  }
  expect(`${backend.output()}${receiver.wire().toString('latin1')}`).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]+/);
});
