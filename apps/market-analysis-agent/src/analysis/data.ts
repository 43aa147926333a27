/** What an analysis needs to know about the company for one timeframe. */

export interface Department {
  readonly name: string;
  readonly headcount: number;
  /** Planned growth of the headcount, whole percent. */
  readonly growthPercent: number;
  /** People hired within the timeframe. */
  readonly hires: number;
  /** Which model a new laptop is, whole percent by model name. */
  readonly modelMix: Readonly<Record<string, number>>;
  readonly refreshCycleMonths: number;
}

export interface LaptopModel {
  readonly name: string;
  readonly configuration: string;
  readonly stock: number;
  /** Ordered and not yet delivered. */
  readonly onOrder: number;
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
