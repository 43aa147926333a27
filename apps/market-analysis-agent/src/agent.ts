import { explainCall } from '@aauth-stack/a2a/client';
import { type Execute, requesterAttributes, toRequestedBy } from '@aauth-stack/a2a/server';
import type { WorkFetch, WorkOptions } from '@aauth-stack/aauth/agent';
import type { ForwardedPrincipal } from '@aauth-stack/aauth/resource';
import { withSpan } from '@aauth-stack/telemetry';
import { parseAnalysisRequest } from './analysis/request.ts';
import { readCompanyData } from './inventory/company-data.ts';
import { withInventory } from './inventory/inventory-client.ts';
import { toInventoryError } from './inventory/inventory-error.ts';
import { renderMarkdown } from './report/markdown.ts';
import { createReport } from './report/report.ts';

export interface AgentOptions {
  agentName: string;
  /** MCP endpoint of the inventory server. */
  inventory: URL;
  /** How long reading the inventory may take, in milliseconds. */
  inventoryTimeoutMs: number;
  /** Calls the inventory server on behalf of a caller. */
  fetchFor(caller: ForwardedPrincipal, work: WorkOptions): WorkFetch;
  now(): Date;
}

/** Answers a message with a market analysis: Markdown for people, the same structured for programs. */
export function createAgent(options: AgentOptions): Execute {
  const { agentName, inventory, inventoryTimeoutMs, fetchFor, now } = options;

  return ({ text, principal, signal, onStatus }) =>
    withSpan('market_analysis_agent.invoke', requesterAttributes(principal), async () => {
      const request = parseAnalysisRequest(text);
      onStatus('Reading the inventory');
      const work = {
        capabilities: ['clarification'],
        ...explainCall(request.text, 'to read the stock and the hiring plan for a market analysis'),
      };
      const { data, tools } = await withSpan('market_analysis_agent.read_inventory', {}, async () => {
        const time = AbortSignal.any([signal, AbortSignal.timeout(inventoryTimeoutMs)]);
        try {
          const fetch = fetchFor(principal, work);
          return await withInventory({ url: inventory, fetch, signal: time }, (client) =>
            readCompanyData(client, request.months),
          );
        } catch (error) {
          signal.throwIfAborted();
          throw toInventoryError(inventory.origin, error);
        }
      });
      onStatus('Comparing stock with the demand to come');
      const report = await withSpan('market_analysis_agent.process_request', {}, (span) => {
        const requestedBy = toRequestedBy(principal);
        const result = createReport({ agentName, request, requestedBy, data, tools, now: now() });
        span.setAttributes({
          'market_analysis.type': result.analysis_type,
          'market_analysis.timeframe_months': result.timeframe_months,
          'market_analysis.risk': result.inventory.risk,
        });
        return result;
      });
      return { text: renderMarkdown(report), data: { ...report } };
    });
}
