import {
  bigint,
  bigserial,
  boolean,
  doublePrecision,
  index,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import type { Delegation } from '../agents/activities.ts';
import type { Span } from '../flow/span.ts';
import type { Report, Results } from '../runs/results.ts';
import type { StartRequest } from '../runs/start-request.ts';
import { guest } from '../sign-in/user.ts';

const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** One row per `POST /optimization/start`; what a run needs to go on after a restart is here. */
export const runs = pgTable(
  'runs',
  {
    requestId: uuid('request_id').primaryKey(),
    /** The order in which runs were started. */
    ordinal: bigserial('ordinal', { mode: 'number' }).notNull(),
    /** Whose run it is; see `User.owner`. */
    owner: text('owner').notNull().default(guest.owner),
    /** Grows with every change. */
    revision: bigint('revision', { mode: 'number' }).notNull().default(0),
    status: text('status').$type<RunStatus>().notNull(),
    progressPercentage: doublePrecision('progress_percentage').notNull(),
    currentStep: text('current_step').notNull(),
    error: text('error'),
    errorCode: text('error_code'),
    interactionUrl: text('interaction_url'),
    interactionCode: text('interaction_code'),
    waitingUntil: moment('waiting_until'),
    request: jsonb('request').$type<StartRequest>().notNull(),
    message: text('message').notNull(),
    /** W3C trace context of the request that started the run, so that a resumed run stays in its trace. */
    traceParent: text('trace_parent'),
    results: jsonb('results').$type<Results>(),
    /** What the agents wrote, whole. */
    reports: jsonb('reports').$type<Report[]>(),
    /** The run that this one repeats. */
    retryOf: uuid('retry_of'),
    createdAt: moment('created_at').notNull(),
    completedAt: moment('completed_at'),
  },
  (table) => [index('runs_created_at').on(table.createdAt), index('runs_owner').on(table.owner, table.ordinal)],
);

export const activities = pgTable(
  'activities',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    requestId: uuid('request_id')
      .notNull()
      .references(() => runs.requestId, { onDelete: 'cascade' }),
    timestamp: moment('timestamp').notNull(),
    agent: text('agent').notNull(),
    action: text('action').notNull(),
    delegation: jsonb('delegation').$type<Delegation>().notNull(),
    status: text('status').$type<ActivityStatus>().notNull(),
    details: text('details').notNull(),
    /** Taken out of the feed; the run keeps it. */
    isCleared: boolean('is_cleared').notNull().default(false),
  },
  (table) => [index('activities_request_id').on(table.requestId)],
);

/** What the services tell of HTTP exchanges, of the last runs and for a while of everything else. */
export const spans = pgTable(
  'spans',
  {
    traceId: text('trace_id').notNull(),
    spanId: text('span_id').notNull(),
    /** The run that caused it, where it says so. */
    requestId: text('request_id'),
    /** Milliseconds since the epoch. */
    started: doublePrecision('started').notNull(),
    isEnded: boolean('is_ended').notNull(),
    /** The traces that it is linked with. */
    linked: text('linked').array().notNull(),
    span: jsonb('span').$type<Span>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.traceId, table.spanId] }),
    index('spans_request_id').on(table.requestId, table.started),
    index('spans_linked').using('gin', table.linked),
  ],
);

/** The states of the known demo's progress record. */
export const runStatuses = [
  'pending',
  'running',
  'interaction_required',
  'approval_pending',
  'authorizing',
  'completed',
  'failed',
] as const;

export type RunStatus = (typeof runStatuses)[number];

/** The states of a run that has not ended. */
export const activeStatuses: RunStatus[] = [
  'pending',
  'running',
  'interaction_required',
  'approval_pending',
  'authorizing',
];

export type ActivityStatus = 'idle' | 'running' | 'completed' | 'failed';
