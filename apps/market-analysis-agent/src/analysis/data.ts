/**
 * Everything the market-analysis agent knows about AcmeCorp. The analysis functions take it as a parameter, so that
 * tests (and later a live source) can put something else in its place.
 */

interface Department {
  readonly name: string;
  readonly headcount: number;
  /** Planned growth of the headcount, whole percent. */
  readonly growthPercent: number;
  readonly sixMonthHires: number;
  /** Which model a new laptop is, whole percent by model name. */
  readonly modelMix: Readonly<Record<string, number>>;
  readonly refreshCycleMonths: number;
}

export interface LaptopModel {
  readonly name: string;
  readonly configuration: string;
  readonly stock: number;
  /** Laptops of this model due for replacement, whatever the timeframe. */
  readonly refreshNeed: number;
  /** US dollars. */
  readonly unitCost: number;
}

export interface MarketConditions {
  readonly newModelReleases: boolean;
  readonly priceIncreases: boolean;
  readonly supplyIssues: boolean;
  readonly shortages: boolean;
}

export interface CompanyData {
  readonly departments: readonly Department[];
  readonly models: readonly LaptopModel[];
  readonly market: MarketConditions;
  /** Safety stock on top of the demand, in months of a year's demand. */
  readonly bufferMonths: number;
}

export const companyData: CompanyData = {
  departments: [
    {
      name: 'engineering',
      headcount: 100,
      growthPercent: 25,
      sixMonthHires: 25,
      modelMix: { 'MacBook Pro': 80, 'MacBook Air': 20 },
      refreshCycleMonths: 36,
    },
    {
      name: 'sales',
      headcount: 120,
      growthPercent: 15,
      sixMonthHires: 15,
      modelMix: { 'MacBook Pro': 30, 'MacBook Air': 70 },
      refreshCycleMonths: 42,
    },
    {
      name: 'marketing',
      headcount: 140,
      growthPercent: 10,
      sixMonthHires: 10,
      modelMix: { 'MacBook Pro': 50, 'MacBook Air': 50 },
      refreshCycleMonths: 48,
    },
    {
      name: 'operations',
      headcount: 160,
      growthPercent: 8,
      sixMonthHires: 8,
      modelMix: { 'MacBook Pro': 40, 'MacBook Air': 60 },
      refreshCycleMonths: 54,
    },
  ],
  models: [
    { name: 'MacBook Pro', configuration: 'M2 Pro/16GB/512GB', stock: 45, refreshNeed: 12, unitCost: 2500 },
    { name: 'MacBook Air', configuration: 'M2/8GB/256GB', stock: 80, refreshNeed: 8, unitCost: 1500 },
  ],
  market: { newModelReleases: true, priceIncreases: true, supplyIssues: false, shortages: false },
  bufferMonths: 3,
};
