import { sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';

const lock = sql`hashtextextended('person-server revocation', 0)`;

/** Until this transaction ends, nothing is revoked. Any number of tokens can be issued at one time. */
export async function holdOffRevocations(tx: Database): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock_shared(${lock})`);
}

/** Until this transaction ends, nothing is issued and nobody else revokes; what was being issued has been. */
export async function holdOffIssuing(tx: Database): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${lock})`);
}
