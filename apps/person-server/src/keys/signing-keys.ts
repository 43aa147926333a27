import { randomBytes } from 'node:crypto';
import type { Clock } from '@aauth-stack/aauth/clock';
import {
  type KeyBackend,
  type PublicJwk,
  parsePrivateJwk,
  type SigningKey,
  toPublicJwk,
} from '@aauth-stack/aauth/keys';
import type { Logger } from '@aauth-stack/service/logger';
import { desc, eq } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { signingKeys } from '../db/schema.ts';

export interface SigningKeysOptions {
  db: Database;
  keys: KeyBackend;
  now: Clock;
  log: Logger;
}

/** The key this server signs with, made at the first start. Of two replicas that start at once, both get the same one. */
export async function loadSigningKey({ db, keys, now, log }: SigningKeysOptions): Promise<SigningKey> {
  const existing = await activeKey(db);
  if (existing) return keys.signingKey(parsePrivateJwk(existing));
  const kid = newKid(now());
  const privateJwk = { ...(await keys.generate('Ed25519')), kid, use: 'sig' as const };
  const [created] = await db
    .insert(signingKeys)
    .values({ kid, state: 'active', privateJwk, createdAt: toDate(now()) })
    .onConflictDoNothing()
    .returning({ kid: signingKeys.kid });
  if (created) log.info({ kid }, 'made a signing key');
  const active = await activeKey(db);
  if (!active) throw new Error('The signing key vanished from the database while it was read.');
  return keys.signingKey(parsePrivateJwk(active));
}

/** Every key that something valid may be signed with, newest first. */
export async function publishedKeys(db: Database): Promise<PublicJwk[]> {
  const rows = await db.select().from(signingKeys).orderBy(desc(signingKeys.createdAt));
  return rows.map(({ privateJwk }) => toPublicJwk(parsePrivateJwk(privateJwk)));
}

async function activeKey(db: Database): Promise<unknown> {
  const [row] = await db.select().from(signingKeys).where(eq(signingKeys.state, 'active'));
  return row?.privateJwk;
}

function newKid(seconds: number): string {
  const [year, month] = toDate(seconds).toISOString().split('-');
  return `ps-${year}${month}-${randomBytes(4).toString('hex')}`;
}
