import { type Execute, requesterAttributes, toRequestedBy } from '@aauth-stack/a2a/server';
import { withSpan } from '@aauth-stack/telemetry';
import type { CompanyData } from './analysis/data.ts';
import { renderMarkdown } from './report/markdown.ts';
import { createReport } from './report/report.ts';

export interface AgentOptions {
  agentName: string;
  data: CompanyData;
  now(): Date;
}

/** Answers a message with a market analysis: Markdown for people, the same structured for programs. */
export function createAgent({ agentName, data, now }: AgentOptions): Execute {
  return ({ text, principal, onStatus }) =>
    withSpan('market_analysis_agent.invoke', requesterAttributes(principal), async () => {
      onStatus('Comparing stock with the demand to come');
      const report = await withSpan('market_analysis_agent.process_request', {}, (span) => {
        const requestedBy = toRequestedBy(principal);
        const result = createReport({ agentName, message: text, requestedBy, data, now: now() });
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
