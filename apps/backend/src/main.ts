import { createA2AClient } from '@aauth-stack/a2a/client';
import type { WorkOptions } from '@aauth-stack/aauth/agent';
import { systemSleep } from '@aauth-stack/aauth/clock';
import { createHttpFetch } from '@aauth-stack/aauth/node';
import { createWaiter, openDatabase } from '@aauth-stack/service/database';
import { serve } from '@aauth-stack/service/http';
import { configure, runService } from '@aauth-stack/service/main';
import { createApp } from './app.ts';
import { loadConfig } from './config.ts';
import * as schema from './db/schema.ts';
import { changesOfSpans, createFlowStore } from './flow/flow-store.ts';
import { createIdentity } from './identity.ts';
import { changesOfRuns } from './runs/run-changes.ts';
import { createRunStore } from './runs/run-store.ts';
import { createRunner } from './runs/runner.ts';
import { createVerifyBearer } from './sign-in/verify-bearer.ts';

const name = 'supply-chain-backend';

await runService(name, async () => {
  const { config, log } = configure(name, process.env, loadConfig);

  const fetch = createHttpFetch({ localhostDns: config.localhostDns });
  const { session, fetch: agentFetch } = await createIdentity(config, { fetch, log });
  const { agentTimeoutMs, enrolmentTimeoutMs, identifiers, authCallback } = config;
  const clientFor = (work: WorkOptions) =>
    createA2AClient({ url: config.supplyChainAgent, fetch: agentFetch.with(work) });

  const database = await openDatabase({
    url: config.databaseUrl,
    schema,
    migrationsFolder: new URL('db/migrations', import.meta.url).pathname,
    applicationName: name,
    log,
  });
  const now = () => new Date();
  const store = createRunStore(database, now);
  const { agentName, personServer, portal, jaegerUi } = config;
  const person = { identifiers, authCallback, agentName, personServer, portal };
  const times = { now, sleep: systemSleep, agentTimeoutMs, enrolmentTimeoutMs };
  const runner = createRunner({ store, session, clientFor, log, ...times, ...person });
  const runChanges = await createWaiter(database, changesOfRuns);
  const flows = createFlowStore({ database, keptRuns: config.flowRuns, now });
  const spanChanges = await createWaiter(database, changesOfSpans);
  const closing = new AbortController();
  session.start();
  for (const run of await store.unfinished()) runner.start(run);

  const app = createApp({
    store,
    runner,
    // Whoever tests the connection is not to be asked anything.
    client: clientFor({}),
    supplyChainAgentUrl: config.supplyChainAgent,
    runChanges,
    closing: closing.signal,
    settings: { agentName, session, personServer, portal, signIn: config.signIn, jaegerUi },
    flow: { flows, spanChanges, runChanges, jaegerUi, closing: closing.signal, log, now },
    receiver: { store: flows, secret: config.flowSecret, log },
    verifyBearer: config.signIn && createVerifyBearer({ ...config.signIn, identifiers, fetch, now }),
    allowedOrigins: config.allowedOrigins,
    health: {
      healthz: { database: () => database.ping() },
      readyz: { identity: () => checkEnrolled(session.status()) },
    },
    log,
  });
  const server = await serve({ fetch: app.fetch, hostname: config.host, port: config.port, log });
  return {
    async close() {
      closing.abort();
      await server.close();
      await runner.close();
      runChanges.close();
      spanChanges.close();
      session.stop();
      await fetch.close();
      await database.close();
    },
  };
});

function checkEnrolled(status: { state: string; detail: string }): void {
  if (status.state !== 'enrolled') throw new Error(status.detail);
}
