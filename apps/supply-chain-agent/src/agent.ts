import { type A2AClient, createPatience, explainCall } from '@aauth-stack/a2a/client';
import type { InteractionRelay } from '@aauth-stack/a2a/interaction';
import { passOnWaiting } from '@aauth-stack/a2a/interaction';
import { type AgentRequest, type Execute, toRequestedBy } from '@aauth-stack/a2a/server';
import type { WorkOptions } from '@aauth-stack/aauth/agent';
import type { ForwardedPrincipal } from '@aauth-stack/aauth/resource';
import { forwardedAttributes, withSpan } from '@aauth-stack/telemetry';
import {
  getMarketAnalysis,
  type MarketAnalysis,
  type MarketAnalysisLog,
} from './market-analysis/get-market-analysis.ts';
import type { PurchasingPolicies } from './policies/data.ts';
import { renderMarkdown } from './report/markdown.ts';
import { createReport } from './report/report.ts';
import { asksForMarketAnalysis, parseOptimizationRequest } from './report/request.ts';

export interface AgentOptions {
  agentName: string;
  policies: PurchasingPolicies;
  /** Calls the market-analysis agent on behalf of a caller; `onAnswered` is called when that one begins to answer. */
  marketAnalysisAgentFor(caller: ForwardedPrincipal, work: WorkOptions, onAnswered: () => void): A2AClient;
  /** How long a market analysis may take, in milliseconds; the time that a person takes to allow it is left out. */
  marketAnalysisTimeoutMs: number;
  interactions: InteractionRelay;
  now(): Date;
  log: MarketAnalysisLog;
}

/** Answers a message with an optimization report: Markdown for people, the same structured for programs. */
export function createAgent(options: AgentOptions): Execute {
  const { agentName, policies, marketAnalysisTimeoutMs: timeoutMs, interactions: relay, now, log } = options;

  async function analyse(request: string, call: AgentRequest): Promise<MarketAnalysis> {
    const { principal, capabilities, answerLater, signal, onStatus } = call;
    const patience = createPatience(timeoutMs);
    const waiting = passOnWaiting({ answerLater, relay, patience, timeoutMs });
    const work = {
      // What its caller cannot do, this agent cannot do either; questions it answers itself.
      capabilities: ['clarification', ...capabilities.filter((name) => name === 'interaction')],
      ...explainCall(request, 'to have a market analysis made for my report'),
      onEvent: waiting.onEvent,
    };
    const client = options.marketAnalysisAgentFor(principal, work, answerLater.begin);
    try {
      return await getMarketAnalysis(client, request, {
        signal,
        patience,
        onStatus: ({ text }) => onStatus(text),
        log,
      });
    } finally {
      waiting.end();
    }
  }

  return (call) => {
    const { text, principal, answerLater, onStatus } = call;
    return withSpan('supply_chain_agent.invoke', forwardedAttributes(principal), async (span) => {
      const request = parseOptimizationRequest(text);
      const isAsked = asksForMarketAnalysis(request.text);
      span.setAttributes({ 'supply_chain.focus_area': request.focus_area, 'supply_chain.market_analysis': isAsked });
      if (isAsked) onStatus('Asking the market-analysis agent');
      else answerLater.begin();
      const analysis = isAsked ? await analyse(request.text, call) : null;
      onStatus('Applying the purchasing policies');
      const report = createReport({
        agentName,
        request,
        requestedBy: toRequestedBy(principal),
        marketAnalysis: analysis && 'report' in analysis ? analysis.report : analysis,
        policies,
        now: now(),
      });
      const analysisText = analysis && 'text' in analysis ? analysis.text : undefined;
      const data = { ...report, market_analysis_text: analysisText ?? null };
      return { text: renderMarkdown(report, analysisText), data };
    });
  };
}
