import { describe, expect, it } from 'vitest';
import { analysisLabels, parseAnalysisRequest } from './request.ts';

describe('parseAnalysisRequest', () => {
  it.each([
    ['Forecast the laptop price TRENDS', 'forecast_market_trends', 'Market Trend Forecasting'],
    ['model the demand of engineering', 'model_demand_patterns', 'Demand Pattern Modeling'],
    ['a Comprehensive analysis', 'comprehensive_market_analysis', 'Comprehensive Market Analysis'],
    ['forecast the weather', 'analyze_laptop_demand', 'Inventory Demand Analysis'],
    ['perform market analysis', 'analyze_laptop_demand', 'Inventory Demand Analysis'],
    ['forecast a trend in a comprehensive model of demand', 'forecast_market_trends', 'Market Trend Forecasting'],
  ] as const)('W4: reads the analysis from the text: %s', (text, type, label) => {
    expect(parseAnalysisRequest(text)).toMatchObject({ type, text });
    expect(analysisLabels[type]).toBe(label);
  });

  it.each([
    ['next quarter', 3],
    ['the coming 3 months', 3],
    ['a 3-month forecast', 3],
    ['this year', 12],
    ['12 months ahead', 12],
    ['a quarter of the year', 3],
    ['13 months', 6],
    ['whatever', 6],
  ])('W4: reads the timeframe from the text: %s', (text, months) => {
    expect(parseAnalysisRequest(text).months).toBe(months);
  });

  it.each(['', '  \n'])('analyses demand and inventory when the text is %j', (text) => {
    expect(parseAnalysisRequest(text)).toEqual({
      type: 'analyze_laptop_demand',
      months: 6,
      text: 'analyze laptop demand and inventory',
    });
  });
});
