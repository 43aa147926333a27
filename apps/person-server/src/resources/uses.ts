import { and, countDistinct, desc, eq, gt, isNull, sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { activity, issuedTokens, resourceUses } from '../db/schema.ts';

/** Notes that an agent of the person asked for access to a resource. */
export async function recordUse(tx: Database, personId: string, resource: string, time: number): Promise<void> {
  const at = toDate(time);
  await tx
    .insert(resourceUses)
    .values({ personId, resource, firstUsedAt: at, lastUsedAt: at })
    .onConflictDoUpdate({
      target: [resourceUses.personId, resourceUses.resource],
      set: { lastUsedAt: sql`greatest(${resourceUses.lastUsedAt}, excluded.last_used_at)` },
    });
}

/** A resource that the person's agents asked for access to. */
export interface UsedResource {
  readonly resource: string;
  readonly firstUsedAt: Date;
  readonly lastUsedAt: Date;
  /** How many agents asked. */
  readonly agents: number;
  readonly liveTokens: number;
}

/** The one used last first. */
export async function listUses(db: Database, personId: string, time: number): Promise<UsedResource[]> {
  const agents = db
    .select({
      resource: activity.resource,
      total: countDistinct(sql`(${activity.agentProvider}, ${activity.agentId})`).as('total'),
    })
    .from(activity)
    .where(eq(activity.personId, personId))
    .groupBy(activity.resource)
    .as('agents_of_resource');
  const rows = await db
    .select({
      resource: resourceUses.resource,
      firstUsedAt: resourceUses.firstUsedAt,
      lastUsedAt: resourceUses.lastUsedAt,
      agents: sql<number>`coalesce(${agents.total}, 0)::int`,
      liveTokens: db.$count(
        issuedTokens,
        and(
          eq(issuedTokens.personId, resourceUses.personId),
          eq(issuedTokens.audience, resourceUses.resource),
          gt(issuedTokens.expiresAt, toDate(time)),
          isNull(issuedTokens.revokedAt),
        ),
      ),
    })
    .from(resourceUses)
    .leftJoin(agents, eq(agents.resource, resourceUses.resource))
    .where(eq(resourceUses.personId, personId))
    .orderBy(desc(resourceUses.lastUsedAt), resourceUses.resource);
  return rows;
}
