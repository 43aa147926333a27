import type { CompanyData, LaptopModel } from './data.ts';

type Risk = 'low' | 'medium' | 'high';
export type Priority = 'high' | 'medium';

/** One model's stock against what will be needed. All counts are whole laptops. */
interface StockPosition {
  model: string;
  configuration: string;
  current: number;
  demand: number;
  /** The demand with the safety stock, part laptops dropped. */
  required: number;
  unit_cost: number;
  status: 'gap' | 'surplus' | 'balanced';
}

export interface InventoryGap {
  model: string;
  current: number;
  required: number;
  shortfall: number;
  priority: Priority;
  unit_cost: number;
  cost: number;
}

interface InventorySurplus {
  model: string;
  current: number;
  required: number;
  surplus: number;
  unit_cost: number;
  /** What the surplus is worth at the unit cost. */
  value: number;
}

export interface InventoryAnalysis {
  risk: Risk;
  positions: StockPosition[];
  gaps: InventoryGap[];
  surplus: InventorySurplus[];
  total_estimated_cost: number;
}

/** Gaps of more laptops than this cannot wait for the ordinary ordering round. */
const highPriorityAbove = 20;
/** Stock beyond this multiple of what is required is surplus. */
const surplusFactor = 1.5;

/** Compares the stock of every model with the demand of the timeframe. */
export function analyzeInventory(data: CompanyData): InventoryAnalysis {
  const positions: StockPosition[] = [];
  const gaps: InventoryGap[] = [];
  const surplus: InventorySurplus[] = [];
  for (const model of data.models) {
    const demand = demandFor(model, data);
    const exact = (demand * (12 + data.bufferMonths)) / 12;
    const required = Math.trunc(exact);
    // The difference counts in whole laptops too: a missing quarter of one is no gap.
    const missing = Math.trunc(exact - model.stock);
    const status = missing >= 1 ? 'gap' : model.stock > exact * surplusFactor ? 'surplus' : 'balanced';
    const { name, configuration, stock: current, unitCost: unit_cost } = model;
    positions.push({ model: name, configuration, current, demand, required, unit_cost, status });
    if (status === 'gap') gaps.push(gapOf(model, required, missing));
    if (status === 'surplus') {
      const spare = Math.trunc(current - exact);
      surplus.push({ model: name, current, required, surplus: spare, unit_cost, value: spare * unit_cost });
    }
  }
  return {
    risk: gaps.some((gap) => gap.priority === 'high') ? 'high' : gaps.length > 0 ? 'medium' : 'low',
    positions,
    gaps,
    surplus,
    total_estimated_cost: gaps.reduce((total, gap) => total + gap.cost, 0),
  };
}

function demandFor(model: LaptopModel, data: CompanyData): number {
  return data.departments.reduce((demand, department) => {
    return demand + Math.trunc((department.hires * (department.modelMix[model.name] ?? 0)) / 100);
  }, model.refreshNeed);
}

function gapOf(model: LaptopModel, required: number, shortfall: number): InventoryGap {
  return {
    model: model.name,
    current: model.stock,
    required,
    shortfall,
    priority: shortfall > highPriorityAbove ? 'high' : 'medium',
    unit_cost: model.unitCost,
    cost: shortfall * model.unitCost,
  };
}
