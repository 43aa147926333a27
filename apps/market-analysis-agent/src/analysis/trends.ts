import type { MarketConditions } from './data.ts';
import type { Priority } from './inventory.ts';

export interface MarketTrend {
  trend: 'product_releases' | 'seasonal_demand' | 'supply_chain' | 'pricing';
  impact: Priority;
  description: string;
  recommendation: string;
}

// Companies equip new staff and schools reopen: August, September and October, counted from 0.
const peakMonths = new Set([7, 8, 9]);

/** What moves the laptop market during the timeframe that starts at `now` (UTC). The gravest come first. */
export function forecastTrends(market: MarketConditions, months: number, now: Date): MarketTrend[] {
  const trends: MarketTrend[] = [];
  if (market.newModelReleases && months <= 3) {
    trends.push({
      trend: 'product_releases',
      impact: 'medium',
      description: `New laptop models are due within ${months} months.`,
      recommendation: 'Wait with orders that can wait until the new models and their prices are known.',
    });
  }
  if (peakMonths.has(now.getUTCMonth())) {
    trends.push({
      trend: 'seasonal_demand',
      impact: 'medium',
      description: 'August to October is peak season: demand and delivery times rise.',
      recommendation: 'Order ahead of the peak or plan for longer delivery times.',
    });
  }
  if (market.supplyIssues || market.shortages) {
    trends.push({
      trend: 'supply_chain',
      impact: 'high',
      description: market.shortages ? 'Vendors report component shortages.' : 'Vendors report supply problems.',
      recommendation: 'Secure stock now and ask a second vendor.',
    });
  }
  if (market.priceIncreases) {
    trends.push({
      trend: 'pricing',
      impact: 'medium',
      description: 'Vendors have announced price increases.',
      recommendation: 'Agree on prices before the increases take effect.',
    });
  }
  return trends.toSorted((a, b) => Number(b.impact === 'high') - Number(a.impact === 'high'));
}
