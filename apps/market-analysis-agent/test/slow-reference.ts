import type { CompanyData } from '../src/analysis/data.ts';

/**
 * The rules of the inventory analysis a second time, for tests: counted one laptop at a time in whole numbers, with
 * nothing shared with the code under test but the shape of the data.
 */
export function slowInventory(data: CompanyData) {
  let total = 0;
  const gaps = new Map<string, { shortfall: number; priority: string; cost: number; required: number }>();
  const surplus = new Map<string, { surplus: number; required: number }>();
  for (const model of data.models) {
    let demand = model.refreshNeed;
    for (const department of data.departments) {
      demand += largest((count) => count * 100 <= department.hires * (department.modelMix[model.name] ?? 0));
    }
    const twelfthsRequired = demand * 12 + demand * data.bufferMonths;
    const twelfthsInStock = model.stock * 12;
    const required = largest((count) => count * 12 <= twelfthsRequired);
    if (twelfthsInStock + 12 <= twelfthsRequired) {
      const shortfall = largest((count) => twelfthsInStock + count * 12 <= twelfthsRequired);
      let cost = 0;
      for (let bought = 0; bought < shortfall; bought++) cost += model.unitCost;
      gaps.set(model.name, { shortfall, priority: shortfall > 20 ? 'high' : 'medium', cost, required });
      total += cost;
    } else if (twelfthsInStock * 2 > twelfthsRequired * 3) {
      const spare = largest((count) => twelfthsRequired + count * 12 <= twelfthsInStock);
      surplus.set(model.name, { surplus: spare, required });
    }
  }
  const urgent = [...gaps.values()].some((gap) => gap.shortfall > 20);
  return { gaps, surplus, total, risk: urgent ? 'high' : gaps.size > 0 ? 'medium' : 'low' };
}

/** Laptops each department uses after its growth, by model name, counted the same slow way. */
export function slowPatterns(data: CompanyData): Map<string, Map<string, number>> {
  return new Map(
    data.departments.map((department) => {
      const grown = largest((count) => count * 100 <= department.headcount * (100 + department.growthPercent));
      const units = data.models.map(({ name }): [string, number] => [
        name,
        largest((count) => count * 100 <= grown * (department.modelMix[name] ?? 0)),
      ]);
      return [department.name, new Map(units)];
    }),
  );
}

/** The largest whole number from 0 on that the condition still holds for. */
function largest(holds: (count: number) => boolean): number {
  let count = 0;
  while (holds(count + 1)) count++;
  return count;
}
