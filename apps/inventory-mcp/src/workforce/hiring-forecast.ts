import { z } from 'zod';
import { nextCursor, pageInput } from '../mcp/paging.ts';
import { defineTool, readOnly } from '../mcp/tool.ts';
import { laptopMixOf, listDepartments } from './departments.ts';

export const hiringForecast = defineTool({
  name: 'get_hiring_forecast',
  title: 'Hiring forecast',
  description: 'How many people each department hires within a timeframe, and which laptops they get.',
  inputSchema: z.object({
    months: z.int().min(1).max(36).default(6).describe('How far to look ahead, in months'),
    ...pageInput,
  }),
  outputSchema: z.object({
    timeframe_months: z.int(),
    departments: z.array(
      z.object({
        department: z.string(),
        planned_hires: z.int().describe('People hired within the timeframe'),
        laptop_mix: z.array(z.object({ model: z.string(), share_percent: z.int() })),
      }),
    ),
    next_cursor: nextCursor,
  }),
  annotations: readOnly,
  async run({ months, ...pageRequest }, { database: { db } }) {
    const { page, cursor } = await listDepartments(db, pageRequest);
    const names = page.map(({ name }) => name);
    const mixOf = await laptopMixOf(db, names);
    return {
      timeframe_months: months,
      departments: page.map(({ name, sixMonthHires }) => ({
        department: name,
        // The plan is for six months; nobody is hired in part.
        planned_hires: Math.trunc((sixMonthHires * months) / 6),
        laptop_mix: mixOf(name),
      })),
      next_cursor: cursor,
    };
  },
});
