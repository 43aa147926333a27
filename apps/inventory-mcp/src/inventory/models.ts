import { asc, eq, gt, sum } from 'drizzle-orm';
import { z } from 'zod';
import type { Queries } from '../db/database.ts';
import { laptopModels, purchaseOrders } from '../db/schema.ts';
import { type PageRequest, readCursor, toPage } from '../mcp/paging.ts';

export const modelLevel = z.object({
  model: z.string(),
  configuration: z.string(),
  supplier: z.string(),
  stock: z.int().describe('Laptops in stock'),
  on_order: z.int().describe('Laptops that are ordered and not yet delivered; they are not part of `stock`'),
  unit_cost: z.int().describe('US dollars'),
});

export type ModelLevel = z.output<typeof modelLevel>;

export function modelUri(model: string): string {
  return `inventory://models/${encodeURIComponent(model)}`;
}

/** A page of the laptop models, with what is in stock and on order. */
export async function listModels(db: Queries, { cursor, limit }: PageRequest) {
  const after = readCursor(cursor) ?? 0;
  const rows = await levels(db)
    .where(gt(laptopModels.position, after))
    .orderBy(asc(laptopModels.position))
    .limit(limit + 1);
  const { page, cursor: next } = toPage(rows, limit, ({ position }) => position);
  return { models: page.map(toLevel), next_cursor: next };
}

export async function findModel(db: Queries, name: string): Promise<ModelLevel | undefined> {
  const [row] = await levels(db).where(eq(laptopModels.name, name));
  return row && toLevel(row);
}

function levels(db: Queries) {
  const onOrder = db
    .select({ model: purchaseOrders.model, quantity: sum(purchaseOrders.quantity).mapWith(Number).as('quantity') })
    .from(purchaseOrders)
    .where(eq(purchaseOrders.status, 'placed'))
    .groupBy(purchaseOrders.model)
    .as('on_order');
  return db
    .select({
      position: laptopModels.position,
      model: laptopModels.name,
      configuration: laptopModels.configuration,
      supplier: laptopModels.supplier,
      stock: laptopModels.stock,
      onOrder: onOrder.quantity,
      unitCost: laptopModels.unitCost,
    })
    .from(laptopModels)
    .leftJoin(onOrder, eq(onOrder.model, laptopModels.name))
    .$dynamic();
}

function toLevel(row: Awaited<ReturnType<typeof levels>>[number]): ModelLevel {
  const { model, configuration, supplier, stock, onOrder, unitCost } = row;
  return { model, configuration, supplier, stock, on_order: onOrder ?? 0, unit_cost: unitCost };
}
