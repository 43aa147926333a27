import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { and, eq } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { agents } from '../db/schema.ts';

export interface Ownership {
  agentProvider: ServerIdentifier;
  agentId: string;
  personId: string;
  approvedAt: Date;
}

export interface AgentProfile {
  name?: string;
  callback?: string | null;
  platform?: string | undefined;
  device?: string | undefined;
}

/**
 * Records whose an agent is, unless that is recorded already: whoever approved it first keeps it.
 *
 * @returns the person it belongs to
 */
export async function recordOwner(db: Database, ownership: Ownership): Promise<string> {
  const [created] = await db.insert(agents).values(ownership).onConflictDoNothing().returning();
  const owned = created ?? (await agentOf(db, ownership.agentProvider, ownership.agentId));
  return owned?.personId ?? ownership.personId;
}

/** Keeps what an agent's provider says of it. */
export async function recordProfile(
  db: Database,
  { agentProvider, agentId, ...profile }: Pick<Ownership, 'agentProvider' | 'agentId'> & AgentProfile,
): Promise<void> {
  await db
    .update(agents)
    .set(profile)
    .where(and(eq(agents.agentProvider, agentProvider), eq(agents.agentId, agentId)));
}

/** What is recorded of an agent; undefined when no person has approved it. */
export async function agentOf(
  db: Database,
  agentProvider: string,
  agentId: string,
): Promise<typeof agents.$inferSelect | undefined> {
  const [row] = await db
    .select()
    .from(agents)
    .where(and(eq(agents.agentProvider, agentProvider), eq(agents.agentId, agentId)));
  return row;
}

/** The person's agents at one provider, by identifier. */
export async function agentsOf(
  db: Database,
  agentProvider: ServerIdentifier,
  personId: string,
): Promise<ReadonlyMap<string, typeof agents.$inferSelect>> {
  const rows = await db
    .select()
    .from(agents)
    .where(and(eq(agents.agentProvider, agentProvider), eq(agents.personId, personId)));
  return new Map(rows.map((row) => [row.agentId, row]));
}
