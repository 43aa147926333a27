import { sql } from 'drizzle-orm';
import { index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { GrantReason } from '../../consent/policy.ts';
import { moment } from './moment.ts';
import { people } from './people-and-agents.ts';

/** The agent tokens that were presented and accepted: what tells whose agent a revoked one belongs to. */
export const acceptedAgentTokens = pgTable(
  'accepted_agent_tokens',
  {
    issuer: text('issuer').notNull(),
    jti: text('jti').notNull(),
    agentId: text('agent_id').notNull(),
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.issuer, table.jti] }),
    index('accepted_agent_tokens_expires_at').on(table.expiresAt),
  ],
);

/** Every person and auth token issued, kept until it has expired everywhere. */
export const issuedTokens = pgTable(
  'issued_tokens',
  {
    jti: text('jti').primaryKey(),
    type: text('type').$type<'aa-person+jwt' | 'aa-auth+jwt'>().notNull(),
    /** The key it is signed with. */
    kid: text('kid').notNull(),
    personId: uuid('person_id')
      .notNull()
      .references(() => people.id),
    agentProvider: text('agent_provider').notNull(),
    agentId: text('agent_id').notNull(),
    /** The agent token that was presented for it. */
    agentJti: text('agent_jti').notNull(),
    /** Thumbprint of the key it binds. */
    jkt: text('jkt').notNull(),
    audience: text('audience').notNull(),
    subject: text('subject').notNull(),
    scope: text('scope').array().notNull(),
    account: text('account'),
    /** What it was granted on. */
    reason: text('reason').$type<GrantReason>().notNull(),
    /** The token of ours that it was issued on behalf of, in call chaining. */
    upstreamJti: text('upstream_jti'),
    /** The token of ours that the resource had been shown, for an auth token. */
    presentedJti: text('presented_jti'),
    issuedAt: moment('issued_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    revokedAt: moment('revoked_at'),
  },
  (table) => [
    index('issued_tokens_agent').on(table.agentProvider, table.agentId, table.audience),
    index('issued_tokens_audience').on(table.audience),
    index('issued_tokens_person').on(table.personId, table.issuedAt, table.jti),
    index('issued_tokens_upstream').on(table.upstreamJti).where(sql`${table.upstreamJti} is not null`),
    index('issued_tokens_presented').on(table.presentedJti).where(sql`${table.presentedJti} is not null`),
    index('issued_tokens_kid').on(table.kid, table.expiresAt),
    index('issued_tokens_expires_at').on(table.expiresAt),
  ],
);

/** Tokens of others that their issuers took back, also such as were never seen here. */
export const revokedTokens = pgTable(
  'revoked_tokens',
  {
    issuer: text('issuer').notNull(),
    jti: text('jti').notNull(),
    revokedAt: moment('revoked_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.issuer, table.jti] }),
    index('revoked_tokens_expires_at').on(table.expiresAt),
  ],
);

/** What resources are still to be told, or were told, of revoked tokens. */
export const revocationNotices = pgTable(
  'revocation_notices',
  {
    jti: text('jti')
      .primaryKey()
      .references(() => issuedTokens.jti, { onDelete: 'cascade' }),
    outcome: text('outcome').$type<'waiting' | 'told' | 'unsupported' | 'refused'>().notNull(),
    attempts: integer('attempts').notNull(),
    nextAttemptAt: moment('next_attempt_at').notNull(),
  },
  (table) => [index('revocation_notices_due').on(table.nextAttemptAt).where(sql`${table.outcome} = 'waiting'`)],
);
