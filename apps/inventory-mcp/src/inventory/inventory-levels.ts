import { z } from 'zod';
import { nextCursor, pageInput } from '../mcp/paging.ts';
import { defineTool, readOnly } from '../mcp/tool.ts';
import { readPolicy } from '../orders/purchasing-policy.ts';
import { listModels, modelLevel } from './models.ts';

export const inventoryLevels = defineTool({
  name: 'get_inventory_levels',
  title: 'Inventory levels',
  description:
    'How many laptops of each model are in stock and on order, what one costs, and how much safety stock the company keeps.',
  inputSchema: z.object(pageInput),
  outputSchema: z.object({
    buffer_months: z.int().describe("Safety stock on top of the demand, in months of a year's demand"),
    models: z.array(modelLevel),
    next_cursor: nextCursor,
  }),
  annotations: readOnly,
  async run(page, { database: { db } }) {
    const { bufferMonths } = await readPolicy(db);
    return { buffer_months: bufferMonths, ...(await listModels(db, page)) };
  },
});
