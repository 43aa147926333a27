import type { Reply, SendOptions } from '@aauth-stack/a2a/client';
import type { AgentSession, WorkOptions } from '@aauth-stack/aauth/agent';
import { createWaiter, openDatabase } from '@aauth-stack/service/database';
import { serve } from '@aauth-stack/service/http';
import { captureLog, createTestDatabase } from '@aauth-stack/service/testing';
import { createApp } from '../src/app.ts';
import * as schema from '../src/db/schema.ts';
import { changesOfSpans, createFlowStore } from '../src/flow/flow-store.ts';
import { changesOfRuns } from '../src/runs/run-changes.ts';
import { createRunStore } from '../src/runs/run-store.ts';
import { createRunner } from '../src/runs/runner.ts';
import { sixMonthReport } from '../src/runs/testing/report.ts';
import type { VerifyBearer } from '../src/sign-in/verify-bearer.ts';

/** Stands in for the supply-chain agent. */
export type Send = (text: string, options: SendOptions, work: WorkOptions) => Promise<Reply>;

export interface BackendOptions {
  send?: Send;
  session?: Partial<Pick<AgentSession, 'ready' | 'status'>>;
  verifyBearer?: VerifyBearer;
  /** What spans are delivered with. */
  flowSecret?: string;
  /** Of how many runs spans are kept. */
  keptRuns?: number;
  signIn?: { issuer: string; clientId: string; scope: string };
  /** Of a backend that was there before; it is dropped with that one. */
  databaseUrl?: string;
}

const personServer = 'http://person-server.localhost:8765';

/** Answers at once, with all that there is to answer. */
export const answer: Send = async () => ({
  text: '# Supply Chain Optimization Analysis\n\nAll of it.',
  data: { ...sixMonthReport, market_analysis_text: '## Inventory Demand Analysis\n\nThe rest.' },
});

/** The backend on a socket, with its database, and agents that a test plays. */
export async function startBackend(options: BackendOptions = {}) {
  const { send = answer, verifyBearer } = options;
  const testDatabase = options.databaseUrl ? undefined : await createTestDatabase();
  const databaseUrl = options.databaseUrl ?? testDatabase?.url ?? '';
  const captured = captureLog();
  const { log } = captured;
  const migrationsFolder = new URL('../src/db/migrations', import.meta.url).pathname;
  const database = await openDatabase({ url: databaseUrl, schema, migrationsFolder, applicationName: 'test', log });
  const now = () => new Date();
  const store = createRunStore(database, now);
  const session = {
    ready: Promise.resolve(),
    status: () => ({ state: 'enrolled', detail: 'enrolled' }) as const,
    ...options.session,
  };
  const portal = `${personServer}/ui`;
  const runner = createRunner({
    store,
    session,
    clientFor: (work) => ({ send: (text, sendOptions = {}) => send(text, sendOptions, work) }),
    log,
    now,
    sleep: async () => {},
    identifiers: { allowLoopback: true },
    authCallback: new URL('http://localhost:3050/auth-callback'),
    agentName: 'Backend App',
    personServer,
    portal,
    agentTimeoutMs: 60_000,
    enrolmentTimeoutMs: 60_000,
  });
  const runChanges = await createWaiter(database, changesOfRuns);
  const flows = createFlowStore({ database, keptRuns: options.keptRuns ?? 50, now });
  const spanChanges = await createWaiter(database, changesOfSpans);
  const closing = new AbortController();
  const app = createApp({
    store,
    runner,
    runChanges,
    closing: closing.signal,
    client: { send: (text, sendOptions = {}) => send(text, sendOptions, {}) },
    supplyChainAgentUrl: 'http://supply-chain-agent.localhost:3000',
    allowedOrigins: ['http://localhost:3050'],
    health: { healthz: {}, readyz: {} },
    settings: {
      agentName: 'Backend App',
      session,
      personServer,
      portal,
      signIn: options.signIn,
      jaegerUi: 'http://localhost:16686',
    },
    flow: {
      flows,
      spanChanges,
      runChanges,
      jaegerUi: 'http://localhost:16686',
      closing: closing.signal,
      log,
      now,
    },
    receiver: { store: flows, secret: options.flowSecret, log },
    verifyBearer,
    log,
  });
  const server = await serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, log, drainMs: 10_000 });
  let stopped: Promise<void> | undefined;

  async function stopAll(): Promise<void> {
    closing.abort();
    await server.close();
    await runner.close();
    runChanges.close();
    spanChanges.close();
    await database.close();
  }

  function stop(): Promise<void> {
    stopped ??= stopAll();
    return stopped;
  }

  return {
    app,
    url: server.url,
    databaseUrl,
    store,
    warnings: () => captured.lines().map((line) => Object(line).msg),
    flows,
    /** Ends the process, and leaves its database. */
    stop,
    async close() {
      await stop();
      await testDatabase?.drop();
    },
  };
}
