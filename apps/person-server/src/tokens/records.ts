import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { and, desc, eq, gt, isNull, max, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { agents, issuedTokens, resourceDescriptions, revocationNotices } from '../db/schema.ts';
import { type Page, type PageRequest, pageOf } from '../paging.ts';

/** What is kept of a token that was issued. */
export type TokenRecord = typeof issuedTokens.$inferSelect;

export async function findToken(db: Database, jti: string): Promise<TokenRecord | undefined> {
  const [record] = await db.select().from(issuedTokens).where(eq(issuedTokens.jti, jti));
  return record;
}

/** Whether an agent was issued a token for a resource, of which something may still be valid. */
export async function hasTokenFor(
  db: Database,
  { agentProvider, agentId, audience }: { agentProvider: string; agentId: string; audience: ServerIdentifier },
): Promise<boolean> {
  const [record] = await db
    .select({ jti: issuedTokens.jti })
    .from(issuedTokens)
    .where(
      and(
        eq(issuedTokens.agentProvider, agentProvider),
        eq(issuedTokens.agentId, agentId),
        eq(issuedTokens.audience, audience),
      ),
    )
    .limit(1);
  return record !== undefined;
}

/** Whether anybody was issued a token for a resource. */
export async function isAudience(db: Database, audience: ServerIdentifier): Promise<boolean> {
  const [record] = await db
    .select({ jti: issuedTokens.jti })
    .from(issuedTokens)
    .where(eq(issuedTokens.audience, audience))
    .limit(1);
  return record !== undefined;
}

/** A token with what else the person is told of it. */
export interface ListedToken extends TokenRecord {
  readonly agentName: string | null;
  /** What its audience calls itself. */
  readonly audienceName: string | null;
  /** The agent on behalf of whose call it was issued, in call chaining. */
  readonly onBehalfOf: string | null;
  /** What became of telling its audience that it was revoked. */
  readonly notice: (typeof revocationNotices.$inferSelect)['outcome'] | null;
}

/** A page of the person's tokens that have not expired, the newest first. */
export async function listTokens(
  db: Database,
  { personId, time, limit, before }: PageRequest & { personId: string; time: number },
): Promise<Page<ListedToken>> {
  const upstream = alias(issuedTokens, 'upstream');
  const rows = await db
    .select({
      token: issuedTokens,
      agentName: agents.name,
      audienceName: sql<string | null>`${resourceDescriptions.description} ->> 'name'`,
      onBehalfOf: upstream.agentId,
      notice: revocationNotices.outcome,
    })
    .from(issuedTokens)
    .leftJoin(upstream, eq(upstream.jti, issuedTokens.upstreamJti))
    .leftJoin(
      agents,
      and(eq(agents.agentProvider, issuedTokens.agentProvider), eq(agents.agentId, issuedTokens.agentId)),
    )
    .leftJoin(resourceDescriptions, eq(resourceDescriptions.resource, issuedTokens.audience))
    .leftJoin(revocationNotices, eq(revocationNotices.jti, issuedTokens.jti))
    .where(
      and(
        eq(issuedTokens.personId, personId),
        gt(issuedTokens.expiresAt, toDate(time)),
        before && sql`(${issuedTokens.issuedAt}, ${issuedTokens.jti}) < (${before.at.toISOString()}, ${before.id})`,
      ),
    )
    .orderBy(desc(issuedTokens.issuedAt), desc(issuedTokens.jti))
    .limit(limit + 1);
  const listed = rows.map(({ token, ...more }) => ({ ...token, ...more }));
  return pageOf(listed, limit, ({ issuedAt, jti }) => ({ at: issuedAt, id: jti }));
}

/** How many valid tokens each agent of a provider holds for a person, and when it came for the last one. */
export async function tokensByAgent(
  db: Database,
  { personId, agentProvider, time }: { personId: string; agentProvider: string; time: number },
): Promise<ReadonlyMap<string, { live: number; lastIssuedAt: Date | null }>> {
  const isLive = and(gt(issuedTokens.expiresAt, toDate(time)), isNull(issuedTokens.revokedAt));
  const rows = await db
    .select({
      agentId: issuedTokens.agentId,
      live: sql<number>`(count(*) filter (where ${isLive}))::int`,
      lastIssuedAt: max(issuedTokens.issuedAt),
    })
    .from(issuedTokens)
    .where(and(eq(issuedTokens.personId, personId), eq(issuedTokens.agentProvider, agentProvider)))
    .groupBy(issuedTokens.agentId);
  return new Map(rows.map(({ agentId, ...use }) => [agentId, use]));
}
