import type { A2AClient, SendOptions } from '@aauth-stack/a2a/client';
import { currentSpan, withSpan } from '@aauth-stack/telemetry';
import { type MarketAnalysisReport, marketAnalysisReport } from './report-schema.ts';

/** A market analysis as its agent gave it, or why there is none. */
export type MarketAnalysis = { report: MarketAnalysisReport; text: string } | { unavailable: string };

export interface MarketAnalysisLog {
  warn(fields: object, message: string): void;
}

const prefix = 'Please perform a market analysis for this request: ';

/**
 * Asks the market-analysis agent about a request. That it cannot be had does not fail the caller: the reason takes its
 * place, in the log and on the span too. Only an abort rejects.
 */
export async function getMarketAnalysis(
  client: A2AClient,
  request: string,
  { log, ...options }: SendOptions & { signal: AbortSignal; log: MarketAnalysisLog },
): Promise<MarketAnalysis> {
  try {
    return await withSpan('supply_chain_agent.get_market_analysis', {}, async () => {
      const { text, data } = await client.send(prefix + request, options);
      const parsed = marketAnalysisReport.safeParse(data);
      if (parsed.success) return { report: parsed.data, text };
      const [issue] = parsed.error.issues;
      const where = issue?.path.join('.') || 'the data part';
      throw new Error(`the reply is not a market analysis (${where}: ${issue?.message ?? 'invalid'})`);
    });
  } catch (error) {
    options.signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    log.warn({ err: error }, 'the market analysis is unavailable');
    currentSpan()?.setAttribute('market_analysis.unavailable', reason);
    return { unavailable: reason };
  }
}
