import fc from 'fast-check';
import type { CompanyData } from '../src/analysis/data.ts';

/** Companies of two models and up to five departments, with every number varied. */
export const arbitraryCompany: fc.Arbitrary<CompanyData> = fc.record({
  departments: fc.uniqueArray(
    fc
      .record({
        name: fc.constantFrom('engineering', 'sales', 'marketing', 'operations', 'legal'),
        headcount: fc.nat(400),
        growthPercent: fc.nat(60),
        sixMonthHires: fc.nat(120),
        proShare: fc.integer({ min: 0, max: 100 }),
        refreshCycleMonths: fc.integer({ min: 12, max: 60 }),
      })
      .map(({ proShare, ...department }) => ({
        ...department,
        modelMix: { 'MacBook Pro': proShare, 'MacBook Air': 100 - proShare },
      })),
    { selector: (department) => department.name, minLength: 1, maxLength: 5 },
  ),
  models: fc.tuple(arbitraryStock(), arbitraryStock()).map(([pro, air]) => [
    { name: 'MacBook Pro', configuration: 'M2 Pro/16GB/512GB', ...pro },
    { name: 'MacBook Air', configuration: 'M2/8GB/256GB', ...air },
  ]),
  market: fc.record({
    newModelReleases: fc.boolean(),
    priceIncreases: fc.boolean(),
    supplyIssues: fc.boolean(),
    shortages: fc.boolean(),
  }),
  bufferMonths: fc.integer({ min: 0, max: 12 }),
});

function arbitraryStock() {
  return fc.record({ stock: fc.nat(300), refreshNeed: fc.nat(60), unitCost: fc.integer({ min: 1, max: 9000 }) });
}
