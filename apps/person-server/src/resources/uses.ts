import { and, desc, eq, gt, isNotNull, isNull, sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { issuedTokens, resourceUses } from '../db/schema.ts';

/** An agent of a person asked for access to a resource. */
export interface ResourceUse {
  readonly personId: string;
  readonly resource: string;
  readonly agentProvider: string;
  readonly agentId: string;
  /** Seconds since the epoch. */
  readonly time: number;
  /** Whether it got a token. */
  readonly granted: boolean;
}

/** What was noted this recently is not noted again, in seconds: an agent that asks often does not wait for its own other requests. */
const precision = 10;

/** Notes that an agent of the person asked for access to a resource. */
export async function recordUse(tx: Database, use: ResourceUse): Promise<void> {
  const { personId, resource, agentProvider, agentId, time, granted } = use;
  const at = toDate(time);
  const grantedAt = granted ? at : null;
  const [noted] = await tx
    .select({ resource: resourceUses.resource })
    .from(resourceUses)
    .where(
      and(
        eq(resourceUses.personId, personId),
        eq(resourceUses.resource, resource),
        eq(resourceUses.agentProvider, agentProvider),
        eq(resourceUses.agentId, agentId),
        gt(resourceUses.lastUsedAt, toDate(time - precision)),
        granted ? isNotNull(resourceUses.grantedAt) : undefined,
      ),
    );
  if (noted) return;
  await tx
    .insert(resourceUses)
    .values({ personId, resource, agentProvider, agentId, firstUsedAt: at, lastUsedAt: at, grantedAt })
    .onConflictDoUpdate({
      target: [resourceUses.personId, resourceUses.resource, resourceUses.agentProvider, resourceUses.agentId],
      set: {
        lastUsedAt: sql`greatest(${resourceUses.lastUsedAt}, excluded.last_used_at)`,
        grantedAt: sql`coalesce(${resourceUses.grantedAt}, excluded.granted_at)`,
      },
    });
}

/** Whether an agent of the person ever got a token for a resource. */
export async function wasGranted(db: Database, personId: string, resource: string): Promise<boolean> {
  const [granted] = await db
    .select({ resource: resourceUses.resource })
    .from(resourceUses)
    .where(
      and(eq(resourceUses.personId, personId), eq(resourceUses.resource, resource), isNotNull(resourceUses.grantedAt)),
    )
    .limit(1);
  return granted !== undefined;
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
  const live = db
    .select({ audience: issuedTokens.audience, total: sql<number>`count(*)::int`.as('total') })
    .from(issuedTokens)
    .where(
      and(
        eq(issuedTokens.personId, personId),
        gt(issuedTokens.expiresAt, toDate(time)),
        isNull(issuedTokens.revokedAt),
      ),
    )
    .groupBy(issuedTokens.audience)
    .as('live_tokens');
  const uses = db
    .select({
      resource: resourceUses.resource,
      firstUsedAt: sql`min(${resourceUses.firstUsedAt})`.mapWith(resourceUses.firstUsedAt).as('first_used'),
      lastUsedAt: sql`max(${resourceUses.lastUsedAt})`.mapWith(resourceUses.lastUsedAt).as('last_used'),
      agents: sql<number>`count(*)::int`.as('agents'),
    })
    .from(resourceUses)
    .where(eq(resourceUses.personId, personId))
    .groupBy(resourceUses.resource)
    .as('uses');
  return db
    .select({
      resource: uses.resource,
      firstUsedAt: uses.firstUsedAt,
      lastUsedAt: uses.lastUsedAt,
      agents: uses.agents,
      liveTokens: sql<number>`coalesce(${live.total}, 0)`,
    })
    .from(uses)
    .leftJoin(live, eq(live.audience, uses.resource))
    .orderBy(desc(uses.lastUsedAt), uses.resource);
}
