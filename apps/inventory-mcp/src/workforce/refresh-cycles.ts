import { asc } from 'drizzle-orm';
import { z } from 'zod';
import { laptopModels } from '../db/schema.ts';
import { nextCursor, pageInput } from '../mcp/paging.ts';
import { defineTool, readOnly } from '../mcp/tool.ts';
import { listDepartments } from './departments.ts';

export const refreshCycles = defineTool({
  name: 'get_refresh_cycles',
  title: 'Refresh cycles',
  description: 'After how many months each department replaces its laptops, and how many of each model are due for it.',
  inputSchema: z.object(pageInput),
  outputSchema: z.object({
    due_for_replacement: z.array(z.object({ model: z.string(), units: z.int() })).describe('The same on every page'),
    departments: z.array(
      z.object({
        department: z.string(),
        refresh_cycle_months: z.int(),
        replacement_percent: z.int().describe('Share of the laptops replaced before their time'),
        utilization_percent: z.int().describe('Share of the laptops in use'),
      }),
    ),
    next_cursor: nextCursor,
  }),
  annotations: readOnly,
  async run(pageRequest, { database: { db } }) {
    const { page, cursor } = await listDepartments(db, pageRequest);
    const due = await db
      .select({ model: laptopModels.name, units: laptopModels.dueForReplacement })
      .from(laptopModels)
      .orderBy(asc(laptopModels.position));
    return {
      due_for_replacement: due,
      departments: page.map((department) => ({
        department: department.name,
        refresh_cycle_months: department.refreshCycleMonths,
        replacement_percent: department.replacementPercent,
        utilization_percent: department.utilizationPercent,
      })),
      next_cursor: cursor,
    };
  },
});
