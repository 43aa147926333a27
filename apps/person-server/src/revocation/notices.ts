import { and, asc, eq, gt, inArray, lte, sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { issuedTokens, revocationNotices } from '../db/schema.ts';

type Outcome = (typeof revocationNotices.$inferSelect)['outcome'];

/** What a resource is to be told. */
export interface Notice {
  readonly jti: string;
  readonly resource: string;
  /** When the token expires, in seconds since the epoch. */
  readonly expiresAt: number;
  readonly attempts: number;
}

/**
 * Takes notices that are due, of tokens that have not expired. They are due again after `lease` seconds, so that another replica
 * sends them when this one dies, and not before.
 */
export async function claimDueNotices(
  db: Database,
  { time, lease, limit }: { time: number; lease: number; limit: number },
): Promise<Notice[]> {
  const due = db
    .select({ jti: revocationNotices.jti })
    .from(revocationNotices)
    .innerJoin(issuedTokens, eq(issuedTokens.jti, revocationNotices.jti))
    .where(
      and(
        eq(revocationNotices.outcome, 'waiting'),
        lte(revocationNotices.nextAttemptAt, toDate(time)),
        gt(issuedTokens.expiresAt, toDate(time)),
      ),
    )
    .orderBy(asc(revocationNotices.nextAttemptAt))
    .limit(limit)
    .for('update', { of: revocationNotices, skipLocked: true });
  const rows = await db
    .update(revocationNotices)
    .set({ attempts: sql`${revocationNotices.attempts} + 1`, nextAttemptAt: toDate(time + lease) })
    .from(issuedTokens)
    .where(and(eq(issuedTokens.jti, revocationNotices.jti), inArray(revocationNotices.jti, due)))
    .returning({
      jti: revocationNotices.jti,
      attempts: revocationNotices.attempts,
      resource: issuedTokens.audience,
      expiresAt: issuedTokens.expiresAt,
    });
  return rows.map((row) => ({ ...row, expiresAt: row.expiresAt.getTime() / 1000 }));
}

export async function settleNotice(db: Database, jti: string, outcome: Outcome): Promise<void> {
  await db.update(revocationNotices).set({ outcome }).where(eq(revocationNotices.jti, jti));
}

export async function postponeNotice(db: Database, jti: string, until: number): Promise<void> {
  await db
    .update(revocationNotices)
    .set({ nextAttemptAt: toDate(until) })
    .where(eq(revocationNotices.jti, jti));
}

/** When the next notice is due, in seconds since the epoch; undefined when none is left. */
export async function nextNoticeTime(db: Database, time: number): Promise<number | undefined> {
  const [row] = await db
    .select({ at: revocationNotices.nextAttemptAt })
    .from(revocationNotices)
    .innerJoin(issuedTokens, eq(issuedTokens.jti, revocationNotices.jti))
    .where(and(eq(revocationNotices.outcome, 'waiting'), gt(issuedTokens.expiresAt, toDate(time))))
    .orderBy(asc(revocationNotices.nextAttemptAt))
    .limit(1);
  return row && row.at.getTime() / 1000;
}
