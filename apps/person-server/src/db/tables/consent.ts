import type { DeferredOutcome } from '@aauth-stack/aauth/errors';
import type { PublicJwk } from '@aauth-stack/aauth/keys';
import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { AskReason } from '../../consent/policy.ts';
import { moment } from './moment.ts';
import { people } from './people-and-agents.ts';

/** How far a request is that waits for the person. The first three go on; the others are its end. */
export type PendingRequestStatus =
  /** Nobody has opened it. */
  | 'pending'
  /** The person has arrived. */
  | 'interacting'
  /** The person has asked something that the agent has not answered. */
  | 'clarifying'
  | 'approved'
  | 'denied'
  /** Nobody decided in time: it was never opened, or it was. */
  | 'expired'
  | 'abandoned'
  /** Taken back by the agent. */
  | 'cancelled'
  /** What it rests on was revoked. */
  | 'revoked'
  /** It could not go on: its code was guessed at, or what the resource needed failed. */
  | 'failed';

/** Requests for a token that wait, or waited, for the person. */
export const pendingRequests = pgTable(
  'pending_requests',
  {
    id: text('id').primaryKey(),
    status: text('status').$type<PendingRequestStatus>().notNull(),
    /** What its polls end with, instead of a token. */
    outcome: text('outcome').$type<DeferredOutcome>(),
    /** Null while nobody has claimed the request of an agent that is not anybody's yet. */
    personId: uuid('person_id').references(() => people.id),

    type: text('type').$type<'aa-person+jwt' | 'aa-auth+jwt'>().notNull(),
    agentProvider: text('agent_provider').notNull(),
    agentId: text('agent_id').notNull(),
    /** The key that signed the request: the token binds it, whoever collects. */
    jkt: text('jkt').notNull(),
    publicJwk: jsonb('public_jwk').$type<PublicJwk>().notNull(),
    /** When the agent token ends that was presented last. */
    agentTokenExpiresAt: moment('agent_token_expires_at').notNull(),
    resource: text('resource').notNull(),
    scope: text('scope').array().notNull(),
    account: text('account'),
    presentedJti: text('presented_jti'),
    presentedExpiresAt: moment('presented_expires_at'),
    upstreamJti: text('upstream_jti'),
    upstreamExpiresAt: moment('upstream_expires_at'),
    /** The agent on behalf of whose call this is, in call chaining. */
    onBehalfOf: text('on_behalf_of'),

    /** Why the person is asked. */
    reason: text('reason').$type<AskReason>().notNull(),
    /** The scopes that the person alone may grant. */
    needsPerson: text('needs_person').array().notNull(),
    mayBeRemembered: boolean('may_be_remembered').notNull(),
    /** The person has to have signed in since. */
    needsFreshSession: boolean('needs_fresh_session').notNull(),
    /** What the agent can do while it waits: `interaction`, `clarification`. */
    capabilities: text('capabilities').array().notNull(),
    justification: text('justification'),
    loginHint: text('login_hint'),
    tenant: text('tenant'),
    platform: text('platform'),
    device: text('device'),

    /** Hash of the interaction code. The code itself is derived and kept nowhere. */
    codeHash: text('code_hash').notNull().unique(),
    /** Wrong codes that were tried while this one could have been meant. */
    wrongCodes: integer('wrong_codes').notNull().default(0),
    /** The session that the code was opened in. */
    openedBy: text('opened_by'),
    openedAt: moment('opened_at'),
    /** Where the agent wants the person back. */
    callback: text('callback'),

    /** Where the resource wants the person first, and whether they have been there. */
    interactionUrl: text('interaction_url'),
    interactionCode: text('interaction_code'),
    interactionState: text('interaction_state').$type<'needed' | 'done'>(),

    /** W3C `traceparent` of the request. */
    traceParent: text('trace_parent'),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    /** When it ended. */
    decidedAt: moment('decided_at'),
    /** When the agent was told. */
    collectedAt: moment('collected_at'),
    /** The consent that it was approved on. */
    consentId: uuid('consent_id'),
    grantedScope: text('granted_scope').array(),
    remembered: boolean('remembered').notNull().default(false),
    /** The form of the person's session that decided. */
    via: text('via').$type<'cookie' | 'bearer'>(),
  },
  (table) => [
    index('pending_requests_person').on(table.personId, table.createdAt),
    index('pending_requests_agent').on(table.agentProvider, table.agentId).where(sql`${table.decidedAt} is null`),
    index('pending_requests_uncollected').on(table.createdAt).where(sql`${table.collectedAt} is null`),
    index('pending_requests_open').on(table.expiresAt).where(sql`${table.decidedAt} is null`),
    index('pending_requests_decided_at').on(table.decidedAt),
  ],
);

/** What the person asked the agent about its request, and what it answered. */
export const clarifications = pgTable(
  'clarifications',
  {
    pendingId: text('pending_id')
      .notNull()
      .references(() => pendingRequests.id, { onDelete: 'cascade' }),
    /** From 1. */
    round: integer('round').notNull(),
    question: text('question').notNull(),
    askedAt: moment('asked_at').notNull(),
    answer: text('answer'),
    answeredAt: moment('answered_at'),
    /** Whether the agent changed what it asks for. */
    updatedRequest: boolean('updated_request').notNull().default(false),
  },
  (table) => [primaryKey({ columns: [table.pendingId, table.round] })],
);

/** What the person agreed to. */
export const consents = pgTable(
  'consents',
  {
    id: uuid('id').primaryKey(),
    personId: uuid('person_id')
      .notNull()
      .references(() => people.id),
    agentProvider: text('agent_provider').notNull(),
    agentId: text('agent_id').notNull(),
    type: text('type').$type<'aa-person+jwt' | 'aa-auth+jwt'>().notNull(),
    resource: text('resource').notNull(),
    account: text('account'),
    /** What the person was asked for, and what they granted of it. */
    askedScope: text('asked_scope').array().notNull(),
    scope: text('scope').array().notNull(),
    /** Otherwise it is good for one token. */
    remembered: boolean('remembered').notNull(),
    /** The request that it answered. */
    pendingId: text('pending_id').notNull(),
    givenAt: moment('given_at').notNull(),
    /** Null for what is remembered until it is withdrawn. */
    validUntil: moment('valid_until'),
    lastUsedAt: moment('last_used_at'),
    withdrawnAt: moment('withdrawn_at'),
  },
  (table) => [
    index('consents_agent').on(table.agentProvider, table.agentId, table.resource),
    index('consents_person').on(table.personId, table.givenAt),
  ],
);
