import { sql } from 'drizzle-orm';
import { bigserial, doublePrecision, index, integer, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';

// Times are seconds since the epoch from the injected clock, never the database's own time: what expires, expires by one clock.
const seconds = (name: string) => doublePrecision(name);

/** One agent: its identifier is given once and never again, not even after a revocation. */
export const agents = pgTable('agents', {
  agentId: text('agent_id').primaryKey(),
  agentName: text('agent_name').notNull(),
  personId: text('person_id').notNull(),
  callback: text('callback'),
  createdAt: seconds('created_at').notNull(),
  lastSeenAt: seconds('last_seen_at'),
  revokedAt: seconds('revoked_at'),
});

/** The stable keys of an agent. The primary key is what makes a key belong to one agent for ever. */
export const agentKeys = pgTable(
  'agent_keys',
  {
    stableJkt: text('stable_jkt').primaryKey(),
    agentId: text('agent_id')
      .notNull()
      .references(() => agents.agentId),
    createdAt: seconds('created_at').notNull(),
  },
  (table) => [index('agent_keys_agent').on(table.agentId)],
);

export const enrolmentStatuses = ['pending', 'approved', 'denied', 'expired', 'revoked'] as const;

export type EnrolmentStatus = (typeof enrolmentStatuses)[number];

/** A request to become an agent, from `POST /register` until its result has been collected. */
export const enrolments = pgTable(
  'enrolments',
  {
    id: text('id').primaryKey(),
    stableJkt: text('stable_jkt').notNull(),
    agentName: text('agent_name').notNull(),
    callback: text('callback'),
    status: text('status', { enum: enrolmentStatuses }).notNull().default('pending'),
    agentId: text('agent_id').references(() => agents.agentId),
    createdAt: seconds('created_at').notNull(),
    expiresAt: seconds('expires_at').notNull(),
    decidedAt: seconds('decided_at'),
    /** When the agent was told how it ended; from then on the answer is 410. */
    concludedAt: seconds('concluded_at'),
  },
  (table) => [
    uniqueIndex('enrolments_one_pending_per_key').on(table.stableJkt).where(sql`${table.status} = 'pending'`),
    index('enrolments_status').on(table.status, table.expiresAt),
    index('enrolments_created').on(table.createdAt),
    index('enrolments_agent').on(table.agentId),
  ],
);

/** Every agent token issued, kept until it has expired. */
export const issuedTokens = pgTable(
  'issued_tokens',
  {
    jti: text('jti').primaryKey(),
    agentId: text('agent_id')
      .notNull()
      .references(() => agents.agentId),
    kid: text('kid').notNull(),
    stableJkt: text('stable_jkt').notNull(),
    /** Thumbprint of the ephemeral key in the token's `cnf`. */
    jkt: text('jkt').notNull(),
    issuedAt: seconds('issued_at').notNull(),
    expiresAt: seconds('expires_at').notNull(),
  },
  (table) => [
    index('issued_tokens_agent').on(table.agentId),
    index('issued_tokens_kid').on(table.kid, table.expiresAt),
    index('issued_tokens_expires').on(table.expiresAt),
  ],
);

/** The provider's own keys: one that signs (`retired_at` is null) and old ones whose tokens are still good. */
export const signingKeys = pgTable(
  'signing_keys',
  {
    kid: text('kid').primaryKey(),
    publicJwk: jsonb('public_jwk').notNull(),
    /** Erased on retirement: nothing is ever signed with it again. */
    privateJwk: jsonb('private_jwk'),
    createdAt: seconds('created_at').notNull(),
    retiredAt: seconds('retired_at'),
  },
  (table) => [uniqueIndex('signing_keys_one_active').on(sql`(true)`).where(sql`${table.retiredAt} is null`)],
);

/** Signatures already accepted, so that a captured request is refused by every replica, also after a restart. */
export const seenSignatures = pgTable(
  'seen_signatures',
  {
    id: text('id').primaryKey(),
    expiresAt: seconds('expires_at').notNull(),
  },
  (table) => [index('seen_signatures_expires').on(table.expiresAt)],
);

/** Events the Person Server has not confirmed yet. */
export const outbox = pgTable(
  'outbox',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    event: text('event').notNull(),
    /** The enrolment's id, or the agent identifier for `agent.*`. */
    subject: text('subject').notNull(),
    createdAt: seconds('created_at').notNull(),
    attempts: integer('attempts').notNull().default(0),
    nextAttemptAt: seconds('next_attempt_at').notNull(),
  },
  (table) => [index('outbox_due').on(table.nextAttemptAt, table.id)],
);

/** Most urgent first: what one line about several tokens says. */
export const revocationStates = ['waiting', 'pending', 'unsupported', 'refused', 'expired', 'delivered'] as const;

export type RevocationState = (typeof revocationStates)[number];

/** One agent token that one recipient is to refuse from now on, and what became of it. */
export const revocations = pgTable(
  'revocations',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    jti: text('jti').notNull(),
    agentId: text('agent_id')
      .notNull()
      .references(() => agents.agentId),
    recipient: text('recipient').notNull(),
    /** When the token ends by itself. */
    expiresAt: seconds('expires_at').notNull(),
    state: text('state', { enum: revocationStates }).notNull().default('waiting'),
    error: text('error'),
    /** Where the recipient's 202 is polled. */
    pendingUrl: text('pending_url'),
    attempts: integer('attempts').notNull().default(0),
    /** Null once it has ended. */
    nextAttemptAt: seconds('next_attempt_at'),
  },
  (table) => [
    uniqueIndex('revocations_once_per_recipient').on(table.jti, table.recipient),
    index('revocations_due').on(table.recipient, table.nextAttemptAt),
    index('revocations_agent').on(table.agentId),
    index('revocations_expires').on(table.expiresAt),
  ],
);
