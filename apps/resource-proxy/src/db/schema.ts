import { doublePrecision, index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';

/** Signatures of requests that must not be accepted a second time, by whichever replica. */
export const seenSignatures = pgTable(
  'seen_signatures',
  {
    id: text('id').primaryKey(),
    /** Seconds since the epoch, by the clock of the service: afterwards the signature is too old to be accepted anyway. */
    expiresAt: doublePrecision('expires_at').notNull(),
  },
  (table) => [index('seen_signatures_expiry').on(table.expiresAt)],
);

/** Tokens that their issuers have taken back, whether or not they were ever presented. */
export const revocations = pgTable(
  'revocations',
  {
    issuer: text('issuer').notNull(),
    /** SHA-256 of the `jti`, base64url: an issuer may choose any text, and not every text fits into an index. */
    jtiHash: text('jti_hash').notNull(),
    /** Seconds since the epoch, by the clock of the service: afterwards the token is refused for its age. */
    expiresAt: doublePrecision('expires_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.issuer, table.jtiHash] }), index('revocations_expiry').on(table.expiresAt)],
);
