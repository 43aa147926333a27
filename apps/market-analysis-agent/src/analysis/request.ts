export const analysisLabels = {
  analyze_laptop_demand: 'Inventory Demand Analysis',
  forecast_market_trends: 'Market Trend Forecasting',
  model_demand_patterns: 'Demand Pattern Modeling',
  comprehensive_market_analysis: 'Comprehensive Market Analysis',
} as const;

export type AnalysisType = keyof typeof analysisLabels;

export interface AnalysisRequest {
  readonly type: AnalysisType;
  readonly months: number;
  /** The text it was read from. */
  readonly text: string;
}

const defaultText = 'analyze laptop demand and inventory';

/** Reads from a message what to analyse and how far ahead to look. Empty text asks for the default analysis. */
export function parseAnalysisRequest(message: string): AnalysisRequest {
  const text = message.trim() || defaultText;
  const words = text.toLowerCase();
  return { type: analysisType(words), months: timeframe(words), text };
}

function analysisType(words: string): AnalysisType {
  if (words.includes('forecast') && words.includes('trend')) return 'forecast_market_trends';
  if (words.includes('model') && words.includes('demand')) return 'model_demand_patterns';
  if (words.includes('comprehensive')) return 'comprehensive_market_analysis';
  return 'analyze_laptop_demand';
}

// "3-month" is as common as "3 month"; "13 months" is neither.
function timeframe(words: string): number {
  if (/quarter|(?<!\d)3[ -]month/.test(words)) return 3;
  if (/year|(?<!\d)12[ -]month/.test(words)) return 12;
  return 6;
}
