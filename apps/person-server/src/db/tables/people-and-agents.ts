import type { PrivateJwk, PublicJwk } from '@aauth-stack/aauth/keys';
import { sql } from 'drizzle-orm';
import { bigint, index, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { moment } from './moment.ts';

/** Whom this server speaks for. A deployment has one person; every other row says whose it is all the same. */
export const people = pgTable('people', {
  id: uuid('id').primaryKey(),
  /** `owner` for the person of the deployment: the unique value that lets two replicas create one row. */
  role: text('role').notNull().unique(),
  createdAt: moment('created_at').notNull(),
});

/** The keys this server signs with. One is active; the others are published until nothing signed with them is valid. */
export const signingKeys = pgTable(
  'signing_keys',
  {
    kid: text('kid').primaryKey(),
    state: text('state').$type<'active' | 'retired'>().notNull(),
    publicJwk: jsonb('public_jwk').$type<PublicJwk>().notNull(),
    /** Erased when the key is retired. */
    privateJwk: jsonb('private_jwk').$type<PrivateJwk>(),
    createdAt: moment('created_at').notNull(),
    retiredAt: moment('retired_at'),
  },
  (table) => [uniqueIndex('signing_keys_one_active').on(table.state).where(sql`${table.state} = 'active'`)],
);

/** What identifiers and codes are derived with. Made at the first start and never replaced. */
export const derivationSecrets = pgTable('derivation_secrets', {
  /** What is derived: the unique value that lets two replicas create one row. */
  purpose: text('purpose').$type<'person' | 'interaction-code'>().primaryKey(),
  /** 32 random bytes, base64url. */
  secret: text('secret').notNull(),
});

/** The portal token made at first start where none is configured. Only its hash is kept. */
export const generatedPortalTokens = pgTable('generated_portal_tokens', {
  personId: uuid('person_id')
    .primaryKey()
    .references(() => people.id),
  tokenHash: text('token_hash').notNull(),
  createdAt: moment('created_at').notNull(),
});

/** Signed-in browsers. */
export const sessions = pgTable(
  'sessions',
  {
    /** SHA-256 of the cookie's value, base64url: a copy of this table opens no session. */
    idHash: text('id_hash').primaryKey(),
    personId: uuid('person_id')
      .notNull()
      .references(() => people.id),
    /** What the person's own pages call it: it opens nothing. */
    id: uuid('id').notNull().unique().defaultRandom(),
    /** Hash of the portal token that opened it: a changed token ends the session. */
    openedWith: text('opened_with').notNull(),
    /** `User-Agent` of the browser that signed in. */
    userAgent: text('user_agent'),
    createdAt: moment('created_at').notNull(),
    /** To the minute. */
    lastSeenAt: moment('last_seen_at'),
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [index('sessions_expires_at').on(table.expiresAt)],
);

/** What somebody got wrong within one window: portal tokens, interaction codes. */
export const failureCounts = pgTable('failure_counts', {
  /** What it is, and who: a network address, a session. */
  key: text('key').primaryKey(),
  failures: bigint('failures', { mode: 'number' }).notNull(),
  windowEndsAt: moment('window_ends_at').notNull(),
});

/** The agent providers this server knows agents of. */
export const agentProviders = pgTable('agent_providers', {
  issuer: text('issuer').primaryKey(),
  addedAt: moment('added_at').notNull(),
});

/** Which person an agent belongs to: fixed at the first approval, never changed. */
export const agents = pgTable(
  'agents',
  {
    agentProvider: text('agent_provider')
      .notNull()
      .references(() => agentProviders.issuer),
    agentId: text('agent_id').notNull(),
    personId: uuid('person_id')
      .notNull()
      .references(() => people.id),
    approvedAt: moment('approved_at').notNull(),
    /** What its provider calls it; null where the provider tells no names. */
    name: text('name'),
    /** Where it said, when it enrolled, that it wants the person back. */
    callback: text('callback'),
    /** What it last said of itself. */
    platform: text('platform'),
    device: text('device'),
    /** From then on it gets nothing here. It stays the person's agent all the same. */
    revokedAt: moment('revoked_at'),
  },
  (table) => [primaryKey({ columns: [table.agentProvider, table.agentId] })],
);

/** Agent providers that the person trusts beside the deployment's own. */
export const trustedAgentProviders = pgTable('trusted_agent_providers', {
  issuer: text('issuer').primaryKey(),
  displayName: text('display_name').notNull(),
  addedBy: uuid('added_by')
    .notNull()
    .references(() => people.id),
  addedAt: moment('added_at').notNull(),
});

/** Signatures seen within their window, so that a repeated request is refused by every replica. */
export const seenSignatures = pgTable(
  'seen_signatures',
  {
    id: text('id').primaryKey(),
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [index('seen_signatures_expires_at').on(table.expiresAt)],
);
