import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createA2AClient } from '@aauth-stack/a2a/client';
import type { WorkOptions } from '@aauth-stack/aauth/agent';
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
import { guest } from './sign-in/user.ts';

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
  store = createRunStore(database, () => new Date());
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
async function startBackend(supplyChainAgent: string, personServer: string, environment: Record<string, string> = {}) {
  const agentProvider = keep(await startAgentProvider());
  const config = loadConfig(
    {
      DATABASE_URL: databaseUrl,
      AGENT_PROVIDER_URL: agentProvider.issuer,
      PERSON_SERVER_URL: personServer,
      SUPPLY_CHAIN_AGENT_URL: supplyChainAgent,
      STABLE_KEY_FILE: join(directory, 'stable.pem'),
      ...environment,
    },
    () => {},
  );
  const { log } = captured;
  const fetch = keep(createHttpFetch());
  const { session, fetch: agentFetch } = await createIdentity(config, { fetch, log });
  cleanups.push(() => session.stop());
  session.start();
  await session.ready;
  const { agentTimeoutMs, enrolmentTimeoutMs, authCallback, identifiers, agentName, portal } = config;
  const clientFor = (work: WorkOptions) => createA2AClient({ url: supplyChainAgent, fetch: agentFetch.with(work) });
  const now = () => new Date();
  const waiting = { identifiers, authCallback, agentTimeoutMs, enrolmentTimeoutMs, agentName, personServer, portal };
  const sleep = async () => {};
  const runner = keep(createRunner({ store, session, clientFor, log, now, sleep, ...waiting }));
  const progressWhen = (requestId: string, statuses: string[]) =>
    vi.waitUntil(
      async () => {
        const progress = await store.of(guest.owner).progress(requestId);
        return progress && statuses.includes(progress.status) ? progress : undefined;
      },
      { timeout: 30_000, interval: 20 },
    );
  async function start(): Promise<string> {
    const run = { requestId: crypto.randomUUID(), owner: guest.owner, message: 'perform market analysis.' };
    await store.create({ ...run, request: startRequestSchema.parse({}), traceParent: null });
    runner.start(run);
    return run.requestId;
  }
  const end = (requestId: string) => progressWhen(requestId, ['completed', 'failed']);
  const { cancel } = runner;
  const stop = () => runner.close();
  return { session, cancel, stop, start, progressWhen, end, run: async () => end(await start()) };
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

describe('a run that the person has to allow', () => {
  async function startAsking(environment: Record<string, string> = {}) {
    const supplyChainAgent = keep(await startSupplyChainAgent('auth-token'));
    const personServer = keep(await startPersonServer());
    personServer.asks = true;
    const backend = await startBackend(supplyChainAgent.identifier, personServer.issuer, environment);
    const asked = async (index: number) =>
      vi.waitUntil(() => personServer.pending[index], { timeout: 30_000, interval: 20 });
    return { supplyChainAgent, personServer, backend, asked };
  }

  it('W10: shows where to decide, takes the time that the person takes, and completes; the next one asks again, unless that is remembered', async () => {
    const { personServer, backend, asked, supplyChainAgent } = await startAsking({
      AGENT_TIMEOUT_SECONDS: '10',
      FRONTEND_URL: 'http://localhost:3050',
    });
    const requestId = await backend.start();
    for (const index of [0, 1]) {
      const request = await asked(index);
      expect(request.body).toMatchObject({
        capabilities: ['interaction', 'clarification'],
        justification: expect.stringContaining('perform market analysis.'),
        platform: 'workload',
      });
      const progress = await vi.waitUntil(
        async () => {
          const current = await backend.progressWhen(requestId, ['interaction_required', 'failed']);
          return current.interaction_code === request.code ? current : undefined;
        },
        { timeout: 30_000 },
      );
      expect(progress.interaction_url).toBe(
        `${personServer.issuer}/consent?code=${request.code}&callback=${encodeURIComponent(
          `http://localhost:3050/auth-callback?request_id=${requestId}`,
        )}`,
      );
      // Six polls of two seconds: longer than the agents may take.
      if (index === 0) await vi.waitUntil(() => personServer.received.filter(isPoll).length > 6, { timeout: 30_000 });
      request.approve();
    }
    expect(await backend.end(requestId)).toMatchObject({ status: 'completed', error: null, interaction_url: null });
    expect(supplyChainAgent.callers).toHaveLength(1);

    // The next run is another piece of work: it asks, unless the person has said what holds for it too.
    const second = await backend.start();
    (await asked(2)).approve();
    expect(await backend.end(second)).toMatchObject({ status: 'completed' });
    personServer.asks = false;
    expect(await backend.run()).toMatchObject({ status: 'completed' });
    expect(personServer.pending).toHaveLength(3);
  });

  it('W9: fails with what the person server says when the person denies', async () => {
    const { backend, asked, supplyChainAgent } = await startAsking();
    const requestId = await backend.start();
    (await asked(0)).end(403, 'denied', 'Alice does not want that.');
    const { status, error, interaction_url } = await backend.end(requestId);
    expect([status, interaction_url]).toEqual(['failed', null]);
    expect(error).toMatch(/denied.*Alice does not want that\./);
    expect(supplyChainAgent.callers).toEqual([]);
  });

  it('W9: fails when nobody decides, and says that', async () => {
    const { backend, asked } = await startAsking();
    const requestId = await backend.start();
    (await asked(0)).end(408, 'expired', 'Nobody came in 600 s.');
    expect((await backend.end(requestId)).error).toMatch(/expired.*Nobody came in 600 s\./);
  });

  it('takes the question to the person back when the run is cancelled, and leaves it when the backend stops', async () => {
    const { backend, asked } = await startAsking();
    const cancelled = await backend.start();
    const first = await asked(0);
    await backend.progressWhen(cancelled, ['interaction_required']);
    expect(await backend.cancel(cancelled)).toBe(true);
    await vi.waitUntil(() => first.isTakenBack, { timeout: 30_000 });
    await backend.start();
    const second = await asked(1);
    await backend.stop();
    expect(second.isTakenBack).toBe(false);
  });

  it('answers what the person asks from its prompt, and goes on', async () => {
    const { backend, asked } = await startAsking();
    const requestId = await backend.start();
    const request = await asked(0);
    request.ask('What do you need **that** for?');
    await vi.waitUntil(() => request.replies.length > 0, { timeout: 30_000 });
    expect(request.replies[0]).toMatchObject({
      action: 'clarification_response',
      clarification_response: expect.stringContaining('“perform market analysis.”'),
    });
    request.approve();
    (await asked(1)).approve();
    const { status, activities } = await backend.end(requestId);
    expect(status).toBe('completed');
    expect(activities.some(({ details }) => details.startsWith('Asked: What do you need **that** for?'))).toBe(true);
  });

  it('W10: is one question for runs at the same time', async () => {
    const { backend, asked, personServer } = await startAsking();
    const runs = [await backend.start(), await backend.start()];
    const request = await asked(0);
    for (const run of runs) {
      const { interaction_code, interaction_url } = await backend.progressWhen(run, ['interaction_required']);
      expect(interaction_code).toBe(request.code);
      expect(interaction_url).toContain(run);
    }
    request.approve();
    (await asked(1)).approve();
    for (const run of runs) expect((await backend.end(run)).status).toBe('completed');
    expect(personServer.pending).toHaveLength(2);
  });
});

const isPoll = ({ method, path }: { method: string; path: string }) => method === 'GET' && path.startsWith('/pending/');

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
