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
import type { Queries } from '../db/queries.ts';
import { newKeyId } from './key-id.ts';
import {
  deleteUnneededKeys,
  holdActiveKey,
  insertActiveKey,
  lockRotation,
  type NewSigningKey,
  retireActiveKey,
  selectActiveKey,
  selectPublishedKeys,
} from './storage.ts';

// A request to the Person Server signed just before a rotation is verified just after it.
const graceSeconds = 300;

interface ActiveKey {
  kid: string;
  key: SigningKey;
}

/** The keys that sign agent tokens and the provider's own requests. The database holds them; nothing here is remembered but the parsed form. */
export interface SigningKeys {
  /** Makes the first key, unless this database has one. */
  createFirst(): Promise<void>;
  /** The key that signs now; with a transaction, until that ends. */
  active(tx?: Queries): Promise<ActiveKey>;
  /** Replaces the active key. Its public half stays published until the last token it signed has expired. */
  rotate(): Promise<{ kid: string; retired: string | undefined }>;
  published(): Promise<PublicJwk[]>;
  /** Deletes retired keys nobody needs any more. */
  purge(): Promise<void>;
}

export function createSigningKeys(options: { db: Queries; keys: KeyBackend; now: Clock; log: Logger }): SigningKeys {
  const { db, keys, now, log } = options;
  let remembered: ActiveKey | undefined;

  async function generate(): Promise<NewSigningKey> {
    const createdAt = now();
    const kid = newKeyId(createdAt);
    const privateJwk: NewSigningKey['privateJwk'] = { ...(await keys.generate('Ed25519')), kid };
    return { kid, publicJwk: toPublicJwk(privateJwk), privateJwk, createdAt };
  }

  return {
    async createFirst() {
      if (await selectActiveKey(db)) return;
      const key = await generate();
      if (await insertActiveKey(db, key)) log.info({ kid: key.kid }, 'created the first signing key');
    },

    async active(tx) {
      const row = tx ? await holdActiveKey(tx) : await selectActiveKey(db);
      if (!row) throw new Error('there is no active signing key in the database');
      if (remembered?.kid === row.kid) return remembered;
      remembered = { kid: row.kid, key: await keys.signingKey(parsePrivateJwk(row.privateJwk)) };
      return remembered;
    },

    async rotate() {
      const key = await generate();
      const retired = await db.transaction(async (tx) => {
        await lockRotation(tx);
        const previous = await retireActiveKey(tx, key.createdAt);
        await insertActiveKey(tx, key);
        return previous;
      });
      log.info({ kid: key.kid, retired }, 'rotated the signing key');
      return { kid: key.kid, retired };
    },

    async published() {
      const jwks = await selectPublishedKeys(db, now(), graceSeconds);
      return jwks.map(parsePublicJwk);
    },

    async purge() {
      const kids = await deleteUnneededKeys(db, now(), graceSeconds);
      if (kids.length > 0) log.info({ kids }, 'forgot retired signing keys whose last token has expired');
    },
  };
}
