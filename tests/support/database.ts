import { join } from 'node:path';
import { startEmbeddedPostgres } from '@aauth-stack/service/development/postgres';
import postgres from 'postgres';
import { inject } from 'vitest';

/** Lets every request that waits for the person run out now, in place of waiting for that. */
export async function letPendingRequestsExpire(): Promise<void> {
  const dataDir = join(inject('stackEnvironment').AAUTH_DATA_DIR ?? '', 'postgres');
  // The stack's own server, which runs already.
  const server = await startEmbeddedPostgres({ dataDir, port: 54329, detached: true });
  const sql = postgres(server.url('person_server'), { max: 1 });
  try {
    await sql`update pending_requests set expires_at = now() where decided_at is null`;
  } finally {
    await sql.end();
  }
}
