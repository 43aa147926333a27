import { createPatience, explainCall } from '@aauth-stack/a2a/client';
import { type InteractionRelay, passOnWaiting } from '@aauth-stack/a2a/interaction';
import { type AgentRequest, type Execute, toRequestedBy } from '@aauth-stack/a2a/server';
import type { WorkFetch, WorkOptions } from '@aauth-stack/aauth/agent';
import type { ForwardedPrincipal } from '@aauth-stack/aauth/resource';
import { forwardedAttributes, withSpan } from '@aauth-stack/telemetry';
import { type AnalysisRequest, parseAnalysisRequest } from './analysis/request.ts';
import { readCompanyData } from './inventory/company-data.ts';
import { withInventory } from './inventory/inventory-client.ts';
import { toInventoryError } from './inventory/inventory-error.ts';
import { renderMarkdown } from './report/markdown.ts';
import { createReport } from './report/report.ts';

export interface AgentOptions {
  agentName: string;
  /** MCP endpoint of the inventory server. */
  inventory: URL;
  /** How long reading the inventory may take, in milliseconds; the time that a person takes to allow it is left out. */
  inventoryTimeoutMs: number;
  interactions: InteractionRelay;
  /** Calls the inventory server on behalf of a caller. */
  fetchFor(caller: ForwardedPrincipal, work: WorkOptions): WorkFetch;
  now(): Date;
}

/** Answers a message with a market analysis: Markdown for people, the same structured for programs. */
export function createAgent(options: AgentOptions): Execute {
  const { agentName, inventory, inventoryTimeoutMs: timeoutMs, interactions: relay, fetchFor, now } = options;

  async function readInventory({ text, months }: AnalysisRequest, call: AgentRequest) {
    const { principal, capabilities, answerLater, signal } = call;
    const patience = createPatience(timeoutMs);
    const waiting = passOnWaiting({ answerLater, relay, patience, timeoutMs });
    const fetch = fetchFor(principal, {
      // What its caller cannot do, this agent cannot do either; questions it answers itself.
      capabilities: ['clarification', ...capabilities.filter((name) => name === 'interaction')],
      ...explainCall(text, 'to read the stock and the hiring plan for a market analysis'),
      onEvent: waiting.onEvent,
    });
    const answering: WorkFetch = async (input, init) => {
      const response = await fetch(input, init);
      answerLater.begin();
      return response;
    };
    try {
      return await withInventory(
        { url: inventory, fetch: answering, signal: AbortSignal.any([signal, patience.signal]) },
        (client) => readCompanyData(client, months),
      );
    } catch (error) {
      signal.throwIfAborted();
      throw toInventoryError(inventory.origin, error);
    } finally {
      waiting.end();
    }
  }

  return (call) => {
    const { text, principal, onStatus } = call;
    return withSpan('market_analysis_agent.invoke', forwardedAttributes(principal), async () => {
      const request = parseAnalysisRequest(text);
      onStatus('Reading the inventory');
      const { data, tools } = await withSpan('market_analysis_agent.read_inventory', {}, () =>
        readInventory(request, call),
      );
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
  };
}
