import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createA2AClient } from '@aauth-stack/a2a/client';
import { createHttpFetch } from '@aauth-stack/aauth/node';
import { startPersonServer } from '@aauth-stack/by-hand';
import { type Database, openDatabase } from '@aauth-stack/service/database';
import { captureLog, createTestDatabase } from '@aauth-stack/service/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startAgentProvider } from '../test/agent-provider.ts';
import { startRefusingPersonServer } from '../test/refusing-person-server.ts';
import { startSupplyChainAgent } from '../test/supply-chain-agent.ts';
import { loadConfig } from './config.ts';
import * as schema from './db/schema.ts';
import { createIdentity } from './identity.ts';
import { createRunStore, type RunStore } from './runs/run-store.ts';
import { createRunner } from './runs/runner.ts';
import { startRequestSchema } from './runs/start-request.ts';

const cleanups: (() => unknown)[] = [];
const captured = captureLog();
let directory: string;
let databaseUrl: string;
let database: Database<typeof schema>;
let store: RunStore;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'backend-'));
  const testDatabase = await createTestDatabase();
  cleanups.push(() => testDatabase.drop());
  databaseUrl = testDatabase.url;
  const migrationsFolder = new URL('db/migrations', import.meta.url).pathname;
  const { log } = captured;
  database = keep(await openDatabase({ url: databaseUrl, schema, migrationsFolder, applicationName: 'test', log }));
  store = createRunStore(database.db, () => new Date());
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await rm(directory, { recursive: true });
});

function keep<T extends { close(): unknown }>(started: T): T {
  cleanups.push(() => started.close());
  return started;
}

/** The backend as its configuration makes it, enrolled and ready to carry out runs. */
async function startBackend(supplyChainAgent: string, personServer: string) {
  const agentProvider = keep(await startAgentProvider());
  const config = loadConfig(
    {
      DATABASE_URL: databaseUrl,
      AGENT_PROVIDER_URL: agentProvider.issuer,
      PERSON_SERVER_URL: personServer,
      SUPPLY_CHAIN_AGENT_URL: supplyChainAgent,
      STABLE_KEY_FILE: join(directory, 'stable.pem'),
    },
    () => {},
  );
  const { log } = captured;
  const fetch = keep(createHttpFetch());
  const { session, fetch: agentFetch } = await createIdentity(config, { fetch, log });
  cleanups.push(() => session.stop());
  session.start();
  await session.ready;
  const { agentTimeoutMs, enrolmentTimeoutMs } = config;
  const client = createA2AClient({ url: supplyChainAgent, fetch: agentFetch, timeoutMs: agentTimeoutMs });
  const now = () => new Date();
  const runner = keep(createRunner({ store, session, client, log, now, agentTimeoutMs, enrolmentTimeoutMs }));
  return {
    session,
    async run() {
      const run = { requestId: crypto.randomUUID(), message: 'perform market analysis.' };
      await store.create({ ...run, request: startRequestSchema.parse({}), traceParent: null });
      runner.start(run);
      return vi.waitUntil(
        async () => {
          const progress = await store.progress(run.requestId);
          return progress && ['completed', 'failed'].includes(progress.status) ? progress : undefined;
        },
        { timeout: 10_000, interval: 20 },
      );
    },
  };
}

describe('the backend in every mode', () => {
  it('presents its agent token where that is all a resource wants, and asks nobody for more', async () => {
    const supplyChainAgent = keep(await startSupplyChainAgent('agent-token'));
    const personServer = keep(await startPersonServer());
    const backend = await startBackend(supplyChainAgent.identifier, personServer.issuer);
    expect(await backend.run()).toMatchObject({ status: 'completed', error: null });
    expect(supplyChainAgent.callers).toEqual([
      expect.objectContaining({ 'x-aauth-level': 'identified', 'x-aauth-agent': backend.session.status().agent }),
    ]);
    expect(personServer.received).toEqual([]);
  });

  it('gets the auth token that a resource wants, once for several runs', async () => {
    const supplyChainAgent = keep(await startSupplyChainAgent('auth-token'));
    const personServer = keep(await startPersonServer());
    const backend = await startBackend(supplyChainAgent.identifier, personServer.issuer);
    const progresses = await Promise.all([backend.run(), backend.run()]);
    progresses.push(await backend.run());
    expect(progresses.map(({ status, error }) => [status, error])).toEqual(Array(3).fill(['completed', null]));
    expect(personServer.requests.map(({ endpoint }) => endpoint)).toEqual(['person-token', 'auth-token']);
    expect(supplyChainAgent.callers).toHaveLength(3);
    expect(supplyChainAgent.callers[0]).toMatchObject({
      'x-aauth-level': 'authorized',
      'x-aauth-person-server': personServer.issuer,
      'x-aauth-sub': personServer.subjectAt(supplyChainAgent.identifier),
      'x-aauth-scope': 'supply-chain:read',
    });
  });
});

describe('W9: a run that gets no access fails with the reason of whoever refuses', () => {
  it('the Person Server is down: said at once, and the backend stays ready', async () => {
    const supplyChainAgent = keep(await startSupplyChainAgent('auth-token'));
    const personServer = await startPersonServer();
    const backend = await startBackend(supplyChainAgent.identifier, personServer.issuer);
    await personServer.close();
    const started = performance.now();
    const { status, error, current_step } = await backend.run();
    expect(performance.now() - started).toBeLessThan(5000);
    expect(status).toBe('failed');
    expect(error).toContain(`temporarily_unavailable: The Person Server at ${personServer.issuer} cannot be reached: `);
    expect(current_step).toBe(`Error: ${error}`);
    expect(backend.session.status().state).toBe('enrolled');
    expect(supplyChainAgent.callers).toEqual([]);
  });

  it.each(['/person-token', '/auth-token'] as const)('the Person Server refuses at %s', async (endpoint) => {
    const supplyChainAgent = keep(await startSupplyChainAgent('auth-token'));
    const personServer = keep(await startRefusingPersonServer(endpoint, 'Alice must be asked, and cannot be.'));
    const backend = await startBackend(supplyChainAgent.identifier, personServer.issuer);
    const { status, error } = await backend.run();
    expect(status).toBe('failed');
    expect(error).toMatch(/^HTTP 403 user_unreachable: .*Alice must be asked, and cannot be\./);
    expect(error).toContain(personServer.issuer);
    expect(supplyChainAgent.callers).toEqual([]);
  });

  it('the supply-chain agent does not admit what was granted', async () => {
    const supplyChainAgent = keep(await startSupplyChainAgent('auth-token'));
    const personServer = keep(await startPersonServer());
    const backend = await startBackend(supplyChainAgent.identifier, personServer.issuer);
    expect((await backend.run()).status).toBe('completed');
    supplyChainAgent.denyAll();
    expect((await backend.run()).error).toBe('HTTP 403 denied: The policy does not admit this request.');
  });
});
