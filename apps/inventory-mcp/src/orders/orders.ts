import { and, desc, eq, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { Queries } from '../db/database.ts';
import { purchaseOrders } from '../db/schema.ts';
import { type PageRequest, readCursor, toPage } from '../mcp/paging.ts';

export const purchaseOrder = z.object({
  number: z.int(),
  model: z.string(),
  quantity: z.int(),
  unit_cost: z.int().describe('US dollars'),
  total: z.int().describe('US dollars'),
  supplier: z.string(),
  status: z.enum(['placed', 'awaiting_approval']).describe('`awaiting_approval`: it is so large that the CFO decides'),
  needed_by: z.string().nullable().describe('ISO 8601 date'),
  note: z.string().nullable(),
  placed_at: z.string().describe('ISO 8601'),
});

export type PurchaseOrder = z.output<typeof purchaseOrder>;

export function orderUri(number: number): string {
  return `inventory://orders/${number}`;
}

/** A page of somebody's orders, newest first. */
export async function listOrders(db: Queries, owner: string, { cursor, limit }: PageRequest) {
  const before = readCursor(cursor);
  const rows = await db
    .select()
    .from(purchaseOrders)
    .where(and(eq(purchaseOrders.owner, owner), before === undefined ? undefined : lt(purchaseOrders.number, before)))
    .orderBy(desc(purchaseOrders.number))
    .limit(limit + 1);
  const { page, cursor: next } = toPage(rows, limit, ({ number }) => number);
  return { orders: page.map(toOrder), next_cursor: next };
}

export async function findOrder(db: Queries, owner: string, number: number): Promise<PurchaseOrder | undefined> {
  const [row] = await db
    .select()
    .from(purchaseOrders)
    .where(and(eq(purchaseOrders.owner, owner), eq(purchaseOrders.number, number)));
  return row && toOrder(row);
}

export function toOrder(row: typeof purchaseOrders.$inferSelect): PurchaseOrder {
  const { number, model, quantity, unitCost, total, supplier, status, neededBy, note, placedAt } = row;
  return {
    number,
    model,
    quantity,
    unit_cost: unitCost,
    total,
    supplier,
    status,
    needed_by: neededBy,
    note,
    placed_at: placedAt.toISOString(),
  };
}
