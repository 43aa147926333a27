import { index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { ActivityKind, ActivityOutcome } from '../../activity/kinds.ts';
import type { ConsentPolicy } from '../../consent/policy.ts';
import type { ResourceDescription } from '../../resources/description.ts';
import { moment } from './moment.ts';
import { people } from './people-and-agents.ts';

/** What was decided and done in a person's name. Nothing in it is changed, but how a decision ended that others carry out. */
export const activity = pgTable(
  'activity',
  {
    id: uuid('id').primaryKey(),
    personId: uuid('person_id')
      .notNull()
      .references(() => people.id),
    at: moment('at').notNull(),
    kind: text('kind').$type<ActivityKind>().notNull(),
    outcome: text('outcome').$type<ActivityOutcome>().notNull(),
    agentProvider: text('agent_provider'),
    agentId: text('agent_id'),
    /** As the agent or the provider called itself then. */
    agentName: text('agent_name'),
    resource: text('resource'),
    scope: text('scope').array().notNull(),
    tokenType: text('token_type').$type<'aa-person+jwt' | 'aa-auth+jwt'>(),
    jti: text('jti'),
    /** The request that waited for the person. */
    pendingId: text('pending_id'),
    /** The enrolment that was decided on. */
    enrolmentId: text('enrolment_id'),
    reason: text('reason'),
    /** Why the agent wanted it, in its own words. */
    justification: text('justification'),
    /** The agent on behalf of whose call this was, in call chaining. */
    onBehalfOf: text('on_behalf_of'),
    /** The form of the person's session, where the person did it. */
    via: text('via').$type<'cookie' | 'bearer'>(),
    /** One sentence of ours: what was changed, or why it failed. */
    detail: text('detail'),
  },
  (table) => [index('activity_person').on(table.personId, table.at, table.id), index('activity_at').on(table.at)],
);

/** What the person has set. Null: as the deployment has it. */
export const settings = pgTable('settings', {
  personId: uuid('person_id')
    .primaryKey()
    .references(() => people.id),
  consentPolicy: text('consent_policy').$type<ConsentPolicy>(),
  needsPersonScopes: text('needs_person_scopes').array(),
});

/** Since when, and when last, an agent of the person asked for access to a resource: to ten seconds. */
export const resourceUses = pgTable(
  'resource_uses',
  {
    personId: uuid('person_id')
      .notNull()
      .references(() => people.id),
    resource: text('resource').notNull(),
    agentProvider: text('agent_provider').notNull(),
    agentId: text('agent_id').notNull(),
    firstUsedAt: moment('first_used_at').notNull(),
    lastUsedAt: moment('last_used_at').notNull(),
    /** When it first got a token. */
    grantedAt: moment('granted_at'),
  },
  (table) => [
    primaryKey({ columns: [table.personId, table.resource, table.agentProvider, table.agentId] }),
    index('resource_uses_agent').on(table.agentProvider, table.agentId, table.lastUsedAt),
  ],
);

/** What resources last said of themselves in their metadata. */
export const resourceDescriptions = pgTable('resource_descriptions', {
  resource: text('resource').primaryKey(),
  description: jsonb('description').$type<ResourceDescription>().notNull(),
  readAt: moment('read_at').notNull(),
});
