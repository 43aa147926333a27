import type { RequestedBy } from '@aauth-stack/a2a/server';
import type { FuzzTargets } from '@aauth-stack/fuzz';
import { parseAnalysisRequest } from '../src/analysis/request.ts';
import { readCompanyData } from '../src/inventory/company-data.ts';
import type { InventoryClient } from '../src/inventory/inventory-client.ts';
import { renderMarkdown } from '../src/report/markdown.ts';
import { createReport } from '../src/report/report.ts';

const requestedBy: RequestedBy = {
  level: 'identified',
  agent: 'a',
  agent_provider: 'b',
  person_server: null,
  subject: null,
  scope: [],
};

/** The inventory is not as it should be, which is the reason why there is no analysis. */
class Unreadable extends Error {}

/** An inventory server whose tools answer with what a JSON object has under their names. */
function inventoryOf(answers: Readonly<Record<string, unknown>>): InventoryClient {
  return {
    listTools: async () => [{ name: 'get_inventory_levels', description: '' }],
    async callTool(name, _input, schema) {
      const parsed = schema.safeParse(answers[name]);
      if (!parsed.success) throw new Unreadable(name);
      return [parsed.data];
    },
  };
}

const models = ['MacBook Pro', 'MacBook Air'];
const example = {
  get_inventory_levels: {
    buffer_months: 3,
    models: models.map((model) => ({ model, configuration: 'c', stock: 45, on_order: 1, unit_cost: 2500 })),
    next_cursor: null,
  },
  get_hiring_forecast: {
    departments: [
      { department: 'sales', planned_hires: 25, laptop_mix: models.map((model) => ({ model, share_percent: 50 })) },
    ],
    next_cursor: null,
  },
  get_refresh_cycles: {
    due_for_replacement: models.map((model) => ({ model, units: 12 })),
    departments: [{ department: 'sales', refresh_cycle_months: 36 }],
    next_cursor: null,
  },
  get_growth_projections: {
    departments: [{ department: 'sales', headcount: 100, growth_percent: 25 }],
    next_cursor: null,
  },
  get_market_trends: { conditions: [{ condition: 'shortages', active: true }] },
};

/** What the inventory server answers. */
export const targets: FuzzTargets = {
  'an inventory': {
    read: async (text) => {
      let answers: unknown;
      try {
        answers = JSON.parse(text);
      } catch {
        return;
      }
      const request = parseAnalysisRequest('a comprehensive analysis of the year');
      // What it does not say is said in words; anything else is a fault of ours.
      const read = await readCompanyData(inventoryOf({ ...Object(answers) }), 12).catch((error: unknown) => {
        if (error instanceof Unreadable || (error instanceof Error && error.name === 'Error')) return undefined;
        throw error;
      });
      if (!read) return;
      const { data, tools } = read;
      const agentName = 'Market Analysis Agent';
      renderMarkdown(createReport({ agentName, request, requestedBy, data, tools, now: new Date(0) }));
    },
    examples: [JSON.stringify(example)],
  },
};
