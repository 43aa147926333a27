import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@aauth-stack/service/development/postgres';
import { freePort } from './servers.ts';

export interface RunningDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

/** A PostgreSQL of its own, as the stack brings it. */
export async function startDatabase(): Promise<RunningDatabase> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-postgres-'));
  const name = 'resource_proxy';
  const server = await startEmbeddedPostgres({
    dataDir: join(directory, 'data'),
    port: await freePort(),
    databases: [name],
  });
  return {
    url: server.url(name),
    async stop() {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
