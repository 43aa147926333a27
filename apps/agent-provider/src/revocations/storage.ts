import type { RevocationOutcome } from '@aauth-stack/aauth/agent';
import { and, asc, eq, gt, inArray, isNotNull, lt, lte, min, type SQL, sql } from 'drizzle-orm';
import type { Queries } from '../db/queries.ts';
import { issuedTokens, revocationStates, revocations } from '../db/schema.ts';

export type RevocationRow = typeof revocations.$inferSelect;

/** The channel on which replicas hear that one of them leaves revocations to the others. */
export const revocationChannel = 'agent_provider_revocation';

/** Notes for each live token of an agent that the recipient is to refuse it, the newest first. */
export async function insertRevocations(
  tx: Queries,
  { agentId, recipient, now }: { agentId: string; recipient: string; now: number },
): Promise<void> {
  await tx.execute(sql`
    insert into ${revocations} (jti, agent_id, recipient, expires_at, next_attempt_at)
    select ${issuedTokens.jti}, ${issuedTokens.agentId}, ${recipient}, ${issuedTokens.expiresAt}, ${now}::double precision
    from ${issuedTokens}
    where ${issuedTokens.agentId} = ${agentId} and ${issuedTokens.expiresAt} > ${now}
    order by ${issuedTokens.issuedAt} desc
    on conflict do nothing`);
}

interface Claim {
  now: number;
  /** Seconds for which nobody else takes them. */
  lease: number;
  limit: number;
}

/**
 * Takes what is due at a recipient, the oldest first. It is due again after the lease, so that another replica sends it when
 * this one dies, and not before.
 */
export async function claimRevocations(
  db: Queries,
  { recipient, agentId }: { recipient: string; agentId?: string },
  { now, lease, limit }: Claim,
): Promise<RevocationRow[]> {
  const which = and(
    eq(revocations.recipient, recipient),
    agentId === undefined ? undefined : eq(revocations.agentId, agentId),
    lte(revocations.nextAttemptAt, now),
    gt(revocations.expiresAt, now),
  );
  const due = db
    .select({ id: revocations.id })
    .from(revocations)
    .where(which)
    .orderBy(asc(revocations.id))
    .limit(limit)
    .for('update', { skipLocked: true });
  return db
    .update(revocations)
    .set({ attempts: sql`${revocations.attempts} + 1`, nextAttemptAt: now + lease })
    .where(inArray(revocations.id, due))
    .returning();
}

/** When the next revocation for a recipient is due, in seconds since the epoch; undefined when none is left. */
export async function nextRevocationTime(db: Queries, recipient: string, now: number): Promise<number | undefined> {
  const [row] = await db
    .select({ at: min(revocations.nextAttemptAt) })
    .from(revocations)
    .where(and(eq(revocations.recipient, recipient), gt(revocations.expiresAt, now)));
  return row?.at ?? undefined;
}

/** Writes down what an attempt has led to; false when its lease has run out and somebody else tries now. */
export async function recordOutcome(
  db: Queries,
  claimed: RevocationRow,
  { state, error, pendingUrl }: RevocationOutcome,
  nextAttemptAt: number | null,
): Promise<boolean> {
  const rows = await db
    .update(revocations)
    .set({ state: stateOf(state), error: error ?? null, pendingUrl: pendingUrl ?? null, nextAttemptAt })
    .where(isClaimed(claimed))
    .returning({ id: revocations.id });
  return rows.length === 1;
}

/** As what an outcome is kept: what has failed is still to be done. */
export function stateOf(state: RevocationOutcome['state']): RevocationRow['state'] {
  return state === 'failed' ? 'waiting' : state;
}

/** Gives a claimed revocation back untried, to whichever replica is there. */
export async function releaseRevocation(db: Queries, claimed: RevocationRow, now: number): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.update(revocations).set({ nextAttemptAt: now }).where(isClaimed(claimed));
    await tx.execute(sql`select pg_notify(${revocationChannel}, '')`);
  });
}

function isClaimed({ id, attempts }: RevocationRow): SQL | undefined {
  return and(eq(revocations.id, id), eq(revocations.attempts, attempts), isNotNull(revocations.nextAttemptAt));
}

/** Ends what has become pointless because the token has expired. */
export function expireRevocations(db: Queries, now: number): Promise<RevocationRow[]> {
  return db
    .update(revocations)
    .set({ state: 'expired', nextAttemptAt: null })
    .where(and(isNotNull(revocations.nextAttemptAt), lte(revocations.expiresAt, now)))
    .returning();
}

/** Forgets revocations of tokens that expired before `before`. */
export async function deleteOldRevocations(db: Queries, before: number): Promise<void> {
  await db.delete(revocations).where(lt(revocations.expiresAt, before));
}

/** How the revocation of an agent's tokens stands at one recipient: of several tokens, the one that most needs attention. */
export interface RevocationSummary {
  agentId: string;
  recipient: string;
  state: RevocationRow['state'];
  error: string | null;
}

export function selectRevocationSummaries(db: Queries): Promise<RevocationSummary[]> {
  const { agentId, recipient, state, error, id } = revocations;
  const urgency = sql`array_position(string_to_array(${revocationStates.join(' ')}, ' '), ${state})`;
  return db
    .selectDistinctOn([agentId, recipient], { agentId, recipient, state, error })
    .from(revocations)
    .orderBy(agentId, recipient, urgency, id);
}
