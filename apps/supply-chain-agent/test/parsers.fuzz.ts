import type { RequestedBy } from '@aauth-stack/a2a/server';
import type { FuzzTargets } from '@aauth-stack/fuzz';
import { marketAnalysisReport } from '../src/market-analysis/report-schema.ts';
import { purchasingPolicies } from '../src/policies/data.ts';
import { renderMarkdown } from '../src/report/markdown.ts';
import { createReport } from '../src/report/report.ts';
import { parseOptimizationRequest } from '../src/report/request.ts';
import { sixMonths } from './market-analysis.ts';

const requestedBy: RequestedBy = {
  level: 'identified',
  agent: 'a',
  agent_provider: 'b',
  person_server: null,
  subject: null,
  scope: [],
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** What the market-analysis agent answers. */
export const targets: FuzzTargets = {
  'a market analysis': {
    read: (text) => {
      const { data } = marketAnalysisReport.safeParse(parseJson(text));
      if (!data) return;
      const report = createReport({
        agentName: 'Supply Chain Agent',
        request: parseOptimizationRequest('perform market analysis'),
        requestedBy,
        marketAnalysis: data,
        policies: purchasingPolicies,
        now: new Date(0),
      });
      const length = renderMarkdown(report, text).length + JSON.stringify(report).length;
      // A thousand orders for each model, at most.
      if (length > 1_000_000 + 1000 * text.length) throw new Error(`The report has ${length} characters.`);
    },
    examples: [
      JSON.stringify(sixMonths()),
      JSON.stringify(sixMonths()).replace('"shortfall":', '"shortfall":900719925474'),
    ],
  },
};
