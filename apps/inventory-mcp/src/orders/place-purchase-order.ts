import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import { ownerOf } from '../caller.ts';
import type { Queries } from '../db/database.ts';
import { laptopModels, purchaseOrders } from '../db/schema.ts';
import { modelUri } from '../inventory/models.ts';
import { InputError } from '../mcp/paging.ts';
import { defineTool } from '../mcp/tool.ts';
import { notifySubscribers } from '../sessions/subscriptions.ts';
import { purchaseOrder, toOrder } from './orders.ts';
import { readPolicy } from './purchasing-policy.ts';

const input = z.object({
  model: z.string().min(1).max(100).describe('As get_inventory_levels names it'),
  quantity: z.int().min(1).max(1000).describe('How many laptops'),
  idempotency_key: z
    .string()
    .regex(/^[\x21-\x7e]{8,128}$/, '8 to 128 visible ASCII characters')
    .describe('Chosen by the caller, another one for each order: a call that is repeated with it orders nothing more'),
  needed_by: z.iso.date().optional().describe('ISO 8601 date, today or later'),
  note: z.string().min(1).max(500).optional(),
});

type OrderInput = z.output<typeof input>;

export const placePurchaseOrder = defineTool({
  name: 'place_purchase_order',
  title: 'Place a purchase order',
  description: 'Orders laptops of one model from its supplier. Orders above the approval threshold wait for the CFO.',
  inputSchema: input,
  outputSchema: z.object({
    order: purchaseOrder,
    repeated: z.boolean().describe('Whether this order was placed by an earlier call with the same idempotency_key'),
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async run(wanted, { database, caller, now, signal }) {
    const placedAt = now();
    if (wanted.needed_by !== undefined && wanted.needed_by < placedAt.toISOString().slice(0, 10)) {
      throw new InputError(`needed_by is ${wanted.needed_by}, which has passed`);
    }
    return database.db.transaction(async (tx) => {
      const owner = ownerOf(caller);
      const values = { owner, placedAt, ...(await price(tx, wanted)), ...columns(wanted) };
      const [placed] = await tx.insert(purchaseOrders).values(values).onConflictDoNothing().returning();
      if (!placed) return { order: await repeated(tx, owner, wanted), repeated: true };
      await notifySubscribers(database, tx, modelUri(wanted.model), placedAt);
      // Whoever has canceled in the meantime has ordered nothing: the transaction goes back.
      signal.throwIfAborted();
      return { order: toOrder(placed), repeated: false };
    });
  },
});

function columns({ model, quantity, idempotency_key: idempotencyKey, needed_by: neededBy, note }: OrderInput) {
  return { model, quantity, idempotencyKey, neededBy: neededBy ?? null, note: note ?? null };
}

async function price(db: Queries, { model, quantity }: OrderInput) {
  const [offer] = await db.select().from(laptopModels).where(eq(laptopModels.name, model));
  if (!offer) throw new InputError(`there is no laptop model "${model}"; get_inventory_levels lists them`);
  const { maxOrderValue, approvalThreshold } = await readPolicy(db);
  const total = quantity * offer.unitCost;
  if (total > maxOrderValue) {
    throw new InputError(`${quantity} × ${model} cost $${total}, and one order may cost $${maxOrderValue} at most`);
  }
  const status = total > approvalThreshold ? ('awaiting_approval' as const) : ('placed' as const);
  return { unitCost: offer.unitCost, total, supplier: offer.supplier, status };
}

/** The order that there is under this key already, if it is the same. */
async function repeated(db: Queries, owner: string, wanted: OrderInput) {
  const [earlier] = await db
    .select()
    .from(purchaseOrders)
    .where(and(eq(purchaseOrders.owner, owner), eq(purchaseOrders.idempotencyKey, wanted.idempotency_key)));
  if (!earlier) throw new Error('An order conflicts with one that is not there.');
  const { model, quantity, neededBy, note } = columns(wanted);
  const isSame =
    earlier.model === model && earlier.quantity === quantity && earlier.neededBy === neededBy && earlier.note === note;
  if (!isSame) throw new InputError(`idempotency_key belongs to order ${earlier.number}, which is a different one`);
  return toOrder(earlier);
}
