import { z } from 'zod';
import { nextCursor, pageInput } from '../mcp/paging.ts';
import { defineTool, readOnly } from '../mcp/tool.ts';
import { listDepartments } from './departments.ts';

export const growthProjections = defineTool({
  name: 'get_growth_projections',
  title: 'Growth projections',
  description: 'How many people each department has, how much it is planned to grow, and its budget for hardware.',
  inputSchema: z.object(pageInput),
  outputSchema: z.object({
    departments: z.array(
      z.object({
        department: z.string(),
        headcount: z.int(),
        growth_percent: z.int(),
        projected_headcount: z.int().describe('Once it has grown as planned'),
        hardware_budget: z.int().describe('US dollars'),
      }),
    ),
    next_cursor: nextCursor,
  }),
  annotations: readOnly,
  async run(pageRequest, { database: { db } }) {
    const { page, cursor } = await listDepartments(db, pageRequest);
    return {
      departments: page.map(({ name, headcount, growthPercent, hardwareBudget }) => ({
        department: name,
        headcount,
        growth_percent: growthPercent,
        projected_headcount: Math.trunc((headcount * (100 + growthPercent)) / 100),
        hardware_budget: hardwareBudget,
      })),
      next_cursor: cursor,
    };
  },
});
