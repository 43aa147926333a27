import { sql } from 'drizzle-orm';
import {
  bigserial,
  boolean,
  check,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
} from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** Money is whole US dollars everywhere. `position` is the order in which lists have the rows. */
export const laptopModels = pgTable('laptop_models', {
  name: text('name').primaryKey(),
  position: integer('position').notNull().unique(),
  configuration: text('configuration').notNull(),
  supplier: text('supplier').notNull(),
  stock: integer('stock').notNull(),
  /** Laptops of this model that are due for replacement. */
  dueForReplacement: integer('due_for_replacement').notNull(),
  unitCost: integer('unit_cost').notNull(),
});

export const departments = pgTable('departments', {
  name: text('name').primaryKey(),
  position: integer('position').notNull().unique(),
  headcount: integer('headcount').notNull(),
  growthPercent: integer('growth_percent').notNull(),
  sixMonthHires: integer('six_month_hires').notNull(),
  refreshCycleMonths: integer('refresh_cycle_months').notNull(),
  hardwareBudget: integer('hardware_budget').notNull(),
  utilizationPercent: integer('utilization_percent').notNull(),
  replacementPercent: integer('replacement_percent').notNull(),
});

/** Which model a new laptop of a department is. */
export const laptopMix = pgTable(
  'laptop_mix',
  {
    department: text('department')
      .notNull()
      .references(() => departments.name),
    model: text('model')
      .notNull()
      .references(() => laptopModels.name),
    sharePercent: integer('share_percent').notNull(),
  },
  (table) => [primaryKey({ columns: [table.department, table.model] })],
);

/** What is true of the laptop market at present. */
export const marketConditions = pgTable('market_conditions', {
  condition: text('condition').$type<MarketCondition>().primaryKey(),
  position: integer('position').notNull().unique(),
  active: boolean('active').notNull(),
  description: text('description').notNull(),
});

export type MarketCondition = 'new_model_releases' | 'price_increases' | 'supply_issues' | 'shortages';

/** One row. */
export const purchasingPolicy = pgTable(
  'purchasing_policy',
  {
    id: integer('id').primaryKey(),
    /** Safety stock, in months of a year's demand. */
    bufferMonths: integer('buffer_months').notNull(),
    /** Orders above this wait for the CFO. */
    approvalThreshold: integer('approval_threshold').notNull(),
    maxOrderValue: integer('max_order_value').notNull(),
  },
  (table) => [check('purchasing_policy_one_row', sql`${table.id} = 1`)],
);

export type OrderStatus = 'placed' | 'awaiting_approval';

export const purchaseOrders = pgTable(
  'purchase_orders',
  {
    number: bigserial('number', { mode: 'number' }).primaryKey(),
    owner: text('owner').notNull(),
    idempotencyKey: text('idempotency_key').notNull(),
    model: text('model')
      .notNull()
      .references(() => laptopModels.name),
    quantity: integer('quantity').notNull(),
    unitCost: integer('unit_cost').notNull(),
    total: integer('total').notNull(),
    supplier: text('supplier').notNull(),
    status: text('status').$type<OrderStatus>().notNull(),
    neededBy: date('needed_by', { mode: 'string' }),
    note: text('note'),
    placedAt: moment('placed_at').notNull(),
  },
  (table) => [
    unique('purchase_orders_idempotency').on(table.owner, table.idempotencyKey),
    index('purchase_orders_owner').on(table.owner, table.number),
    check('purchase_orders_quantity', sql`${table.quantity} > 0`),
  ],
);

/** MCP sessions, so that every replica knows them. */
export const sessions = pgTable(
  'sessions',
  {
    id: text('id').primaryKey(),
    owner: text('owner').notNull(),
    createdAt: moment('created_at').notNull(),
    lastSeenAt: moment('last_seen_at').notNull(),
  },
  (table) => [index('sessions_last_seen').on(table.lastSeenAt)],
);

/** What was sent on event streams, so that a client can go on where its connection ended, at whichever replica. */
export const streamEvents = pgTable(
  'stream_events',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    sessionId: text('session_id')
      .notNull()
      .references(() => sessions.id, { onDelete: 'cascade' }),
    streamId: text('stream_id').notNull(),
    /** Null: there is nothing to tell, the event only gives the client a place to go on from. */
    message: jsonb('message').$type<object>(),
    /** Nothing comes after it on this stream. */
    isLast: boolean('is_last').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [
    index('stream_events_stream').on(table.sessionId, table.streamId, table.id),
    index('stream_events_created').on(table.createdAt),
  ],
);

/** Which resources a session is told about when they change. */
export const subscriptions = pgTable(
  'subscriptions',
  {
    sessionId: text('session_id')
      .notNull()
      .references(() => sessions.id, { onDelete: 'cascade' }),
    uri: text('uri').notNull(),
  },
  (table) => [primaryKey({ columns: [table.sessionId, table.uri] }), index('subscriptions_uri').on(table.uri)],
);
