import { createA2AClient } from '@aauth-stack/a2a';
import { createAgentSession, createSignedFetch } from '@aauth-stack/aauth/agent';
import { systemClock, systemSleep } from '@aauth-stack/aauth/clock';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createHttpFetch, loadOrCreateSigningKey, nodeKeys } from '@aauth-stack/aauth/node';
import { parseConfig } from '@aauth-stack/service/config';
import { openDatabase } from '@aauth-stack/service/database';
import { serve } from '@aauth-stack/service/http';
import { createLogger } from '@aauth-stack/service/logger';
import { runService } from '@aauth-stack/service/main';
import { createApp } from './app.ts';
import { configAliases, configSchema } from './config.ts';
import * as schema from './db/schema.ts';
import { createRunStore } from './runs/run-store.ts';
import { createRunner } from './runs/runner.ts';

await runService('backend', async () => {
  const warnings: string[] = [];
  const config = parseConfig(configSchema, process.env, {
    aliases: configAliases,
    warn: (message) => warnings.push(message),
  });
  const log = createLogger({ name: 'supply-chain-backend', level: config.LOG_LEVEL });
  for (const warning of warnings) log.warn(warning);

  const database = await openDatabase({
    url: config.DATABASE_URL,
    schema,
    migrationsFolder: new URL('db/migrations', import.meta.url).pathname,
    applicationName: 'backend',
    log,
  });
  const identifiers = { allowLoopback: config.AAUTH_ALLOW_LOOPBACK };
  const fetch = createHttpFetch({ localhostDns: config.AAUTH_LOCALHOST_DNS });
  const session = createAgentSession({
    provider: parseServerIdentifier(config.AGENT_PROVIDER_URL, identifiers),
    personServer: parseServerIdentifier(config.PERSON_SERVER_URL, identifiers),
    agentName: config.BACKEND_AGENT_NAME,
    stableKey: await loadOrCreateSigningKey(config.STABLE_KEY_FILE),
    identifiers,
    fetch,
    keys: nodeKeys,
    now: systemClock,
    sleep: systemSleep,
    log,
  });
  const signedFetch = createSignedFetch({ fetch, credentials: session.credentials, now: systemClock });
  const client = createA2AClient({ url: config.SUPPLY_CHAIN_AGENT_URL, fetch: signedFetch });
  const now = () => new Date();
  const store = createRunStore(database.db, now);
  const runner = createRunner({
    store,
    session,
    client,
    log,
    now,
    agentTimeoutMs: config.AGENT_TIMEOUT_SECONDS * 1000,
    enrolmentTimeoutMs: config.ENROLMENT_TIMEOUT_SECONDS * 1000,
  });

  session.start();
  for (const run of await store.unfinished()) runner.start(run);
  const app = createApp({
    store,
    runner,
    client,
    supplyChainAgentUrl: config.SUPPLY_CHAIN_AGENT_URL,
    allowedOrigins: config.CORS_ALLOWED_ORIGINS,
    health: {
      healthz: { database: () => database.ping() },
      readyz: { identity: () => checkEnrolled(session.status()) },
    },
    log,
  });
  const server = await serve({ fetch: app.fetch, hostname: config.HOST, port: config.PORT, log });

  return {
    async close() {
      await server.close();
      await runner.close();
      session.stop();
      await fetch.close();
      await database.close();
    },
  };
});

function checkEnrolled(status: { state: string; detail: string }): void {
  if (status.state !== 'enrolled') throw new Error(status.detail);
}
