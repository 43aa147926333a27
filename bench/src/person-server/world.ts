import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '@aauth-stack/service/database';
import { startEmbeddedPostgres } from '@aauth-stack/service/development/postgres';
import { createLogger } from '@aauth-stack/service/logger';
import { type Database, migrationsFolder } from '../../../apps/person-server/src/db/database.ts';
import * as schema from '../../../apps/person-server/src/db/schema.ts';
import { type Child, cpuMsOf, startChild } from '../proxy/child.ts';
import { freePort } from '../proxy/servers.ts';
import { type Parties, startParties } from './parties.ts';

const main = fileURLToPath(new URL('../../../apps/person-server/src/main.ts', import.meta.url));

export const portalToken = 'the-portal-token-of-the-benchmark';

/** A Person Server and a PostgreSQL, each a process of its own, and in this process the parties that they deal with. */
export interface World {
  readonly origin: string;
  readonly child: Child;
  readonly db: Database;
  readonly parties: Parties;
  /** CPU time that PostgreSQL has used, in milliseconds. */
  databaseCpuMs(): number;
  /** Resident memory of the Person Server, in MiB. */
  residentMiB(): Promise<number>;
  close(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  await using starting = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'bench-person-server-'));
  starting.defer(() => rm(directory, { recursive: true }));
  const postgres = await startEmbeddedPostgres({
    dataDir: join(directory, 'postgres'),
    port: await freePort(),
    databases: ['person_server'],
  });
  starting.defer(postgres.stop);
  const port = await freePort();
  const parties = await startParties(port);
  starting.defer(async () => parties.close());
  const child = startChild([main], {
    DATABASE_URL: postgres.url('person_server'),
    PORT: String(port),
    PERSON_SERVER_URL: parties.personServer,
    AGENT_PROVIDER_URL: parties.agentProvider,
    AAUTH_PORTAL_TOKEN: portalToken,
    AAUTH_CONSENT_POLICY: 'standing',
    AAUTH_PENDING_LIFETIME: '3600',
    LOG_LEVEL: 'warn',
  });
  starting.defer(child.stop);
  const origin = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${origin}/healthz`).catch(() => undefined))?.ok)
    await new Promise((next) => setTimeout(next, 100));
  const database = await openDatabase({
    url: postgres.url('person_server'),
    schema,
    migrationsFolder,
    applicationName: 'bench',
    log: createLogger({ name: 'bench', level: 'warn' }),
  });
  starting.defer(database.close);
  const started = starting.move();
  return {
    origin,
    child,
    db: database.db,
    parties,
    databaseCpuMs: () => cpuMsOf(postgres.pid),
    residentMiB: async () => {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
    },
    close: () => started.disposeAsync(),
  };
}
