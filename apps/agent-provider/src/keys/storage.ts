import type { PrivateJwk, PublicJwk } from '@aauth-stack/aauth/keys';
import { and, desc, eq, exists, gt, isNotNull, isNull, not, or, sql } from 'drizzle-orm';
import type { Queries } from '../db/queries.ts';
import { issuedTokens, signingKeys } from '../db/schema.ts';

export interface NewSigningKey {
  kid: string;
  publicJwk: PublicJwk;
  privateJwk: PrivateJwk;
  createdAt: number;
}

const rotationLock = sql`hashtext('signing-key-rotation')`;

/** Stores a key as the active one unless there is one already; the unique index decides between two replicas. */
export async function insertActiveKey(db: Queries, key: NewSigningKey): Promise<boolean> {
  const rows = await db.insert(signingKeys).values(key).onConflictDoNothing().returning({ kid: signingKeys.kid });
  return rows.length === 1;
}

export interface ActiveKeyRow {
  kid: string;
  privateJwk: unknown;
}

export async function selectActiveKey(db: Queries): Promise<ActiveKeyRow | undefined> {
  const [row] = await db
    .select({ kid: signingKeys.kid, privateJwk: signingKeys.privateJwk })
    .from(signingKeys)
    .where(isNull(signingKeys.retiredAt));
  return row;
}

/**
 * The same, and no rotation retires the key before this transaction ends. A lock on the row would not do: whoever waited for it
 * while a rotation was under way would find the old key retired and not see the new one yet.
 */
export async function holdActiveKey(tx: Queries): Promise<ActiveKeyRow | undefined> {
  await tx.execute(sql`select pg_advisory_xact_lock_shared(${rotationLock})`);
  return selectActiveKey(tx);
}

/** Retires the active key and erases its private half. Returns its `kid`. */
export async function retireActiveKey(db: Queries, now: number): Promise<string | undefined> {
  const [row] = await db
    .update(signingKeys)
    .set({ retiredAt: now, privateJwk: null })
    .where(isNull(signingKeys.retiredAt))
    .returning({ kid: signingKeys.kid });
  return row?.kid;
}

/** Serialises rotations: two at once are two rotations, one after the other. */
export async function lockRotation(db: Queries): Promise<void> {
  await db.execute(sql`select pg_advisory_xact_lock(${rotationLock})`);
}

/** The public keys that somebody may still need: the active one, and retired ones with a live token or a request under way. */
export async function selectPublishedKeys(db: Queries, now: number, grace: number): Promise<unknown[]> {
  const rows = await db
    .select({ publicJwk: signingKeys.publicJwk })
    .from(signingKeys)
    .where(or(isNull(signingKeys.retiredAt), gt(signingKeys.retiredAt, now - grace), liveTokens(db, now)))
    .orderBy(desc(signingKeys.createdAt));
  return rows.map((row) => row.publicJwk);
}

/** Forgets retired keys that {@link selectPublishedKeys} no longer returns. */
export async function deleteUnneededKeys(db: Queries, now: number, grace: number): Promise<string[]> {
  const rows = await db
    .delete(signingKeys)
    .where(and(isNotNull(signingKeys.retiredAt), not(gt(signingKeys.retiredAt, now - grace)), not(liveTokens(db, now))))
    .returning({ kid: signingKeys.kid });
  return rows.map((row) => row.kid);
}

function liveTokens(db: Queries, now: number) {
  return exists(
    db
      .select({ jti: issuedTokens.jti })
      .from(issuedTokens)
      .where(and(eq(issuedTokens.kid, signingKeys.kid), gt(issuedTokens.expiresAt, now))),
  );
}
