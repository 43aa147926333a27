import { randomBytes } from 'node:crypto';
import type { Clock } from '@aauth-stack/aauth/clock';
import {
  type KeyBackend,
  type PublicJwk,
  parsePrivateJwk,
  parsePublicJwk,
  type SigningKey,
  toPublicJwk,
} from '@aauth-stack/aauth/keys';
import type { Logger } from '@aauth-stack/service/logger';
import { desc, eq, gt, max, not, or, sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { issuedTokens, signingKeys } from '../db/schema.ts';

// A request to a provider or a resource that was signed just before a rotation is verified just after it.
const graceSeconds = 300;
const rotationLock = sql`hashtextextended('person-server key rotation', 0)`;

interface ActiveKey {
  readonly kid: string;
  readonly key: SigningKey;
}

/** The keys that sign tokens and this server's own requests. The database holds them; only the parsed form is remembered here. */
export interface SigningKeys {
  /** Makes the first key, unless this database has one. Of two replicas that start at once, both get the same one. */
  createFirst(): Promise<void>;
  /** The key that signs now; with a transaction, until that ends. */
  active(tx?: Database): Promise<ActiveKey>;
  /** Replaces the active key. Its public half stays published until the last token it signed has expired. */
  rotate(): Promise<{ kid: string; retired: string | undefined }>;
  /** Deletes retired keys that nobody needs any more. */
  purge(): Promise<void>;
}

export interface SigningKeysOptions {
  db: Database;
  keys: KeyBackend;
  now: Clock;
  log: Logger;
}

export function createSigningKeys({ db, keys, now, log }: SigningKeysOptions): SigningKeys {
  let remembered: ActiveKey | undefined;

  const insertNew = async (tx: Database): Promise<string | undefined> => {
    const kid = newKid(now());
    const privateJwk = { ...(await keys.generate('Ed25519')), kid, use: 'sig' as const };
    const publicJwk = toPublicJwk(privateJwk);
    const [created] = await tx
      .insert(signingKeys)
      .values({ kid, state: 'active', publicJwk, privateJwk, createdAt: toDate(now()) })
      .onConflictDoNothing()
      .returning({ kid: signingKeys.kid });
    return created?.kid;
  };

  return {
    createFirst: async () => {
      const [existing] = await selectActive(db);
      const kid = existing ? undefined : await insertNew(db);
      if (kid) log.info({ kid }, 'made a signing key');
    },

    active: async (tx) => {
      // Not a lock on the row: whoever waited for it while a rotation was under way would find the old key retired and not see
      // the new one yet.
      await tx?.execute(sql`select pg_advisory_xact_lock_shared(${rotationLock})`);
      const [row] = await selectActive(tx ?? db);
      if (!row) throw new Error('There is no active signing key in the database.');
      if (remembered?.kid === row.kid) return remembered;
      remembered = { kid: row.kid, key: await keys.signingKey(parsePrivateJwk(row.privateJwk)) };
      return remembered;
    },

    rotate: async () => {
      const { kid, retired } = await db.transaction(async (tx) => {
        await tx.execute(sql`select pg_advisory_xact_lock(${rotationLock})`);
        const [previous] = await tx
          .update(signingKeys)
          .set({ state: 'retired', retiredAt: toDate(now()), privateJwk: null })
          .where(eq(signingKeys.state, 'active'))
          .returning({ kid: signingKeys.kid });
        return { kid: await insertNew(tx), retired: previous?.kid };
      });
      if (!kid) throw new Error('The new signing key could not be stored.');
      log.info({ kid, retired }, 'rotated the signing key');
      return { kid, retired };
    },

    purge: async () => {
      const rows = await db
        .delete(signingKeys)
        .where(not(isNeeded(db, now())))
        .returning({ kid: signingKeys.kid });
      if (rows.length > 0) log.info({ kids: rows.map(({ kid }) => kid) }, 'forgot retired signing keys');
    },
  };
}

/** Every key that something valid may be signed with, newest first. */
export async function publishedKeys(db: Database, time: number): Promise<PublicJwk[]> {
  const rows = await db
    .select({ publicJwk: signingKeys.publicJwk })
    .from(signingKeys)
    .where(isNeeded(db, time))
    .orderBy(desc(signingKeys.createdAt));
  return rows.map(({ publicJwk }) => parsePublicJwk(publicJwk));
}

function selectActive(db: Database) {
  return db
    .select({ kid: signingKeys.kid, privateJwk: signingKeys.privateJwk })
    .from(signingKeys)
    .where(eq(signingKeys.state, 'active'));
}

function isNeeded(db: Database, time: number) {
  const lastExpiry = db
    .select({ at: max(issuedTokens.expiresAt) })
    .from(issuedTokens)
    .where(eq(issuedTokens.kid, signingKeys.kid));
  const hasValidTokens = sql`coalesce((${lastExpiry}), '-infinity') > ${toDate(time).toISOString()}::timestamptz`;
  const justRetired = gt(sql`coalesce(${signingKeys.retiredAt}, 'epoch')`, toDate(time - graceSeconds).toISOString());
  return sql`(${or(eq(signingKeys.state, 'active'), justRetired, hasValidTokens)})`;
}

function newKid(seconds: number): string {
  const [year, month] = toDate(seconds).toISOString().split('-');
  return `ps-${year}${month}-${randomBytes(4).toString('hex')}`;
}
