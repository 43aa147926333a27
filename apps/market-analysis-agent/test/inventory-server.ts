import { randomUUID } from 'node:crypto';
import { serve } from '@aauth-stack/service/http';
import { captureLog } from '@aauth-stack/service/testing';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { z } from 'zod';
import type { CompanyData } from '../src/analysis/data.ts';
import { acmeCorp } from './company-data.ts';

export interface InventoryServer {
  readonly url: URL;
  /** What is told; the hires are those of six months. */
  data: CompanyData;
  /** Answers instead of the server. */
  answer: ((request: Request) => Response | Promise<Response>) | undefined;
  /** A department whose refresh cycle is left out. */
  forget: string | undefined;
  /** Tools that are left out. */
  readonly without: Set<string>;
  readonly calls: { tool: string; input: Record<string, unknown> }[];
  /** How many sessions are open. */
  sessions(): number;
  close(): Promise<void>;
}

/** An MCP server with the tools of the inventory, whose lists have pages of one department. */
export async function startInventoryServer(): Promise<InventoryServer> {
  const transports = new Map<string, WebStandardStreamableHTTPServerTransport>();
  const { log } = captureLog();
  const handle = async (request: Request): Promise<Response> => {
    if (started.answer) return started.answer(request);
    const known = transports.get(request.headers.get('mcp-session-id') ?? '');
    if (known) return known.handleRequest(request);
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void transports.set(id, transport),
      onsessionclosed: (id) => void transports.delete(id),
    });
    await createServer(started).connect(transport);
    return transport.handleRequest(request);
  };
  const server = await serve({ fetch: handle, hostname: '127.0.0.1', port: 0, log, drainMs: 100 });
  const started: InventoryServer = {
    url: new URL('/mcp', server.url),
    data: acmeCorp(6),
    answer: undefined,
    forget: undefined,
    without: new Set(),
    calls: [],
    sessions: () => transports.size,
    close: () => server.close(),
  };
  return started;
}

function createServer(state: InventoryServer): McpServer {
  const server = new McpServer({ name: 'inventory', version: '1' });
  const { data } = state;
  const tool = (name: string, give: (index: number, input: { months?: number }) => object, description = '') => {
    if (state.without.has(name)) return;
    const inputSchema = { months: z.int().optional(), cursor: z.string().optional() };
    server.registerTool(name, { description, inputSchema, outputSchema: z.looseObject({}) }, (input) => {
      state.calls.push({ tool: name, input });
      const structuredContent = { ...give(Number(input.cursor ?? 0), input) };
      return { structuredContent, content: [] };
    });
  };
  const page = (index: number, department: object) => ({
    departments: [department],
    next_cursor: index + 1 < data.departments.length ? String(index + 1) : null,
  });
  const at = (index: number) => {
    const department = data.departments[index];
    if (!department) throw new Error('no such page');
    return department;
  };
  tool(
    'get_inventory_levels',
    () => ({
      buffer_months: data.bufferMonths,
      models: data.models.map(({ name: model, configuration, stock, onOrder, unitCost }) => ({
        model,
        configuration,
        stock,
        on_order: onOrder,
        unit_cost: unitCost,
      })),
      next_cursor: null,
    }),
    'What is in stock.',
  );
  tool('get_hiring_forecast', (index, { months = 6 }) => {
    const { name: department, hires, modelMix } = at(index);
    const laptop_mix = Object.entries(modelMix).map(([model, share_percent]) => ({ model, share_percent }));
    return page(index, { department, planned_hires: Math.floor((hires * months) / 6), laptop_mix });
  });
  tool('get_refresh_cycles', (index) => {
    const { name: department, refreshCycleMonths: refresh_cycle_months } = at(index);
    const due_for_replacement = data.models.map(({ name: model, refreshNeed: units }) => ({ model, units }));
    const listed = page(index, { department, refresh_cycle_months });
    return { due_for_replacement, ...listed, ...(department === state.forget && { departments: [] }) };
  });
  tool('get_growth_projections', (index) => {
    const { name: department, headcount, growthPercent: growth_percent } = at(index);
    return page(index, { department, headcount, growth_percent });
  });
  const { newModelReleases, priceIncreases, supplyIssues, shortages } = data.market;
  tool('get_market_trends', () => ({
    conditions: [
      { condition: 'new_model_releases', active: newModelReleases },
      { condition: 'price_increases', active: priceIncreases },
      { condition: 'supply_issues', active: supplyIssues },
      { condition: 'shortages', active: shortages },
    ],
  }));
  return server;
}
