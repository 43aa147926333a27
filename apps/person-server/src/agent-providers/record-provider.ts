import type { Clock } from '@aauth-stack/aauth/clock';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { agentProviders } from '../db/schema.ts';

/** Makes sure that a provider has its row, which everything recorded about its agents refers to. */
export async function recordAgentProvider(db: Database, issuer: ServerIdentifier, now: Clock): Promise<void> {
  await db
    .insert(agentProviders)
    .values({ issuer, addedAt: toDate(now()) })
    .onConflictDoNothing();
}
