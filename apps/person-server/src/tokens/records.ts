import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { and, count, desc, eq, gt, isNull } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { issuedTokens, revocationNotices } from '../db/schema.ts';

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

/** A token with what became of telling its resource that it was revoked. */
export interface ListedToken extends TokenRecord {
  readonly notice: (typeof revocationNotices.$inferSelect)['outcome'] | null;
}

/** The person's tokens that have not expired, the newest first. */
export async function listTokens(
  db: Database,
  { personId, time, limit }: { personId: string; time: number; limit: number },
): Promise<ListedToken[]> {
  const rows = await db
    .select({ token: issuedTokens, notice: revocationNotices.outcome })
    .from(issuedTokens)
    .leftJoin(revocationNotices, eq(revocationNotices.jti, issuedTokens.jti))
    .where(and(eq(issuedTokens.personId, personId), gt(issuedTokens.expiresAt, toDate(time))))
    .orderBy(desc(issuedTokens.issuedAt), desc(issuedTokens.jti))
    .limit(limit);
  return rows.map(({ token, notice }) => ({ ...token, notice }));
}

/** How many of the person's tokens are valid. */
export async function countValidTokens(db: Database, personId: string, time: number): Promise<number> {
  const [row] = await db
    .select({ total: count() })
    .from(issuedTokens)
    .where(
      and(
        eq(issuedTokens.personId, personId),
        gt(issuedTokens.expiresAt, toDate(time)),
        isNull(issuedTokens.revokedAt),
      ),
    );
  return row?.total ?? 0;
}
