import type { Clock } from '@aauth-stack/aauth/clock';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { eq, sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { agentProviders } from '../db/schema.ts';

/** Makes sure that a provider has its row, which everything recorded about its agents refers to. */
export async function recordAgentProvider(db: Database, issuer: ServerIdentifier, now: Clock): Promise<void> {
  await db
    .insert(agentProviders)
    .values({ issuer, addedAt: toDate(now()), changes: 0 })
    .onConflictDoNothing();
}

export async function countChange(db: Database, issuer: ServerIdentifier): Promise<void> {
  await db
    .update(agentProviders)
    .set({ changes: sql`${agentProviders.changes} + 1` })
    .where(eq(agentProviders.issuer, issuer));
}

/** How many changes all providers reported so far. */
export async function totalChanges(db: Database): Promise<number> {
  const [row] = await db
    .select({ total: sql<string>`coalesce(sum(${agentProviders.changes}), 0)` })
    .from(agentProviders);
  return Number(row?.total ?? 0);
}
