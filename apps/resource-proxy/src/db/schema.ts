import { doublePrecision, index, pgTable, text } from 'drizzle-orm/pg-core';

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
