import type { AgentIdentifier } from '@aauth-stack/aauth/identifiers';
import type { Thumbprint } from '@aauth-stack/aauth/keys';
import { and, desc, eq, isNull } from 'drizzle-orm';
import type { Queries } from '../db/queries.ts';
import { agentKeys, agents } from '../db/schema.ts';

export type AgentRow = typeof agents.$inferSelect;

export async function findAgentByStableKey(db: Queries, stableJkt: Thumbprint): Promise<AgentRow | undefined> {
  const [row] = await db
    .select({ agent: agents })
    .from(agentKeys)
    .innerJoin(agents, eq(agents.agentId, agentKeys.agentId))
    .where(eq(agentKeys.stableJkt, stableJkt));
  return row?.agent;
}

/** Stores a new agent; false when its identifier is taken. */
export async function insertAgent(
  db: Queries,
  agent: typeof agents.$inferInsert & { agentId: AgentIdentifier },
): Promise<boolean> {
  const rows = await db.insert(agents).values(agent).onConflictDoNothing().returning({ agentId: agents.agentId });
  return rows.length === 1;
}

/** Gives a stable key to an agent. A key that already has an agent violates the primary key and ends the transaction. */
export async function insertAgentKey(db: Queries, agentId: string, stableJkt: string, now: number): Promise<void> {
  await db.insert(agentKeys).values({ stableJkt, agentId, createdAt: now });
}

/** Notes that an agent was here and holds its row until the commit; false when it has been revoked. */
export async function touchActiveAgent(db: Queries, agentId: string, now: number): Promise<boolean> {
  const rows = await db
    .update(agents)
    .set({ lastSeenAt: now })
    .where(and(eq(agents.agentId, agentId), isNull(agents.revokedAt)))
    .returning({ agentId: agents.agentId });
  return rows.length === 1;
}

/** Marks an agent revoked; false when it was so before, or does not exist. */
export async function markAgentRevoked(db: Queries, agentId: string, now: number): Promise<boolean> {
  const rows = await db
    .update(agents)
    .set({ revokedAt: now })
    .where(and(eq(agents.agentId, agentId), isNull(agents.revokedAt)))
    .returning({ agentId: agents.agentId });
  return rows.length === 1;
}

export async function findAgent(db: Queries, agentId: string): Promise<AgentRow | undefined> {
  const [row] = await db.select().from(agents).where(eq(agents.agentId, agentId));
  return row;
}

/** Every agent with its stable keys, newest first. */
export async function selectAgents(db: Queries): Promise<{ agent: AgentRow; stableJkts: string[] }[]> {
  const rows = await db
    .select({ agent: agents, stableJkt: agentKeys.stableJkt })
    .from(agents)
    .innerJoin(agentKeys, eq(agentKeys.agentId, agents.agentId))
    .orderBy(desc(agents.createdAt), agentKeys.createdAt);
  const byAgent = new Map<string, { agent: AgentRow; stableJkts: string[] }>();
  for (const { agent, stableJkt } of rows) {
    const entry = byAgent.get(agent.agentId) ?? { agent, stableJkts: [] };
    entry.stableJkts.push(stableJkt);
    byAgent.set(agent.agentId, entry);
  }
  return [...byAgent.values()];
}
