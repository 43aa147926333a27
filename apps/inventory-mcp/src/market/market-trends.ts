import { asc } from 'drizzle-orm';
import { z } from 'zod';
import { marketConditions } from '../db/schema.ts';
import { defineTool, readOnly } from '../mcp/tool.ts';

export const marketTrends = defineTool({
  name: 'get_market_trends',
  title: 'Market trends',
  description: 'What moves the laptop market at present: new models, prices, supply.',
  inputSchema: z.object({}),
  outputSchema: z.object({
    conditions: z.array(
      z.object({
        condition: z.enum(['new_model_releases', 'price_increases', 'supply_issues', 'shortages']),
        active: z.boolean(),
        description: z.string().describe('What it means when it is active'),
      }),
    ),
  }),
  annotations: readOnly,
  async run(_input, { database: { db } }) {
    const conditions = await db
      .select({
        condition: marketConditions.condition,
        active: marketConditions.active,
        description: marketConditions.description,
      })
      .from(marketConditions)
      .orderBy(asc(marketConditions.position));
    return { conditions };
  },
});
