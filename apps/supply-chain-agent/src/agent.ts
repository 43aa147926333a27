import type { A2AClient } from '@aauth-stack/a2a/client';
import { type Execute, requesterAttributes, toRequestedBy } from '@aauth-stack/a2a/server';
import type { ForwardedPrincipal } from '@aauth-stack/aauth/resource';
import { withSpan } from '@aauth-stack/telemetry';
import { getMarketAnalysis, type MarketAnalysisLog } from './market-analysis/get-market-analysis.ts';
import type { PurchasingPolicies } from './policies/data.ts';
import { renderMarkdown } from './report/markdown.ts';
import { createReport } from './report/report.ts';
import { asksForMarketAnalysis, parseOptimizationRequest } from './report/request.ts';

export interface AgentOptions {
  agentName: string;
  policies: PurchasingPolicies;
  /** Calls the market-analysis agent on behalf of a caller. */
  marketAnalysisAgentFor(caller: ForwardedPrincipal): A2AClient;
  now(): Date;
  log: MarketAnalysisLog;
}

/** Answers a message with an optimization report: Markdown for people, the same structured for programs. */
export function createAgent({ agentName, policies, marketAnalysisAgentFor, now, log }: AgentOptions): Execute {
  return ({ text, principal, signal, onStatus }) =>
    withSpan('supply_chain_agent.invoke', requesterAttributes(principal), async (span) => {
      const request = parseOptimizationRequest(text);
      const isAsked = asksForMarketAnalysis(request.text);
      span.setAttributes({ 'supply_chain.focus_area': request.focus_area, 'supply_chain.market_analysis': isAsked });
      if (isAsked) onStatus('Asking the market-analysis agent');
      const analysis = isAsked
        ? await getMarketAnalysis(marketAnalysisAgentFor(principal), request.text, { signal, log })
        : null;
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
      return { text: renderMarkdown(report, analysisText), data: { ...report } };
    });
}
