import { z } from 'zod';
import { ownerOf } from '../caller.ts';
import { nextCursor, pageInput } from '../mcp/paging.ts';
import { defineTool, readOnly } from '../mcp/tool.ts';
import { listOrders, purchaseOrder } from './orders.ts';

export const listPurchaseOrders = defineTool({
  name: 'list_purchase_orders',
  title: 'Purchase orders',
  description: 'The purchase orders that the caller has placed, newest first. Those of others are not shown.',
  inputSchema: z.object(pageInput),
  outputSchema: z.object({ orders: z.array(purchaseOrder), next_cursor: nextCursor }),
  annotations: readOnly,
  run: (page, { database: { db }, caller }) => listOrders(db, ownerOf(caller), page),
});
