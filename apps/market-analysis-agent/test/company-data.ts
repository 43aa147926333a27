import fc from 'fast-check';
import type { CompanyData } from '../src/analysis/data.ts';

/** The company of the demo, with the hires of so many months. */
export function acmeCorp(months: number): CompanyData {
  const hires = (inSixMonths: number) => Math.floor((inSixMonths * months) / 6);
  const mix = (pro: number) => ({ 'MacBook Pro': pro, 'MacBook Air': 100 - pro });
  return {
    departments: [
      {
        name: 'engineering',
        headcount: 100,
        growthPercent: 25,
        hires: hires(25),
        modelMix: mix(80),
        refreshCycleMonths: 36,
      },
      { name: 'sales', headcount: 120, growthPercent: 15, hires: hires(15), modelMix: mix(30), refreshCycleMonths: 42 },
      {
        name: 'marketing',
        headcount: 140,
        growthPercent: 10,
        hires: hires(10),
        modelMix: mix(50),
        refreshCycleMonths: 48,
      },
      {
        name: 'operations',
        headcount: 160,
        growthPercent: 8,
        hires: hires(8),
        modelMix: mix(40),
        refreshCycleMonths: 54,
      },
    ],
    models: [
      {
        name: 'MacBook Pro',
        configuration: 'M2 Pro/16GB/512GB',
        stock: 45,
        onOrder: 0,
        refreshNeed: 12,
        unitCost: 2500,
      },
      { name: 'MacBook Air', configuration: 'M2/8GB/256GB', stock: 80, onOrder: 0, refreshNeed: 8, unitCost: 1500 },
    ],
    market: { newModelReleases: true, priceIncreases: true, supplyIssues: false, shortages: false },
    bufferMonths: 3,
  };
}

/** Companies of two models and up to five departments, with every number varied. */
export const arbitraryCompany: fc.Arbitrary<CompanyData> = fc.record({
  departments: fc.uniqueArray(
    fc
      .record({
        name: fc.constantFrom('engineering', 'sales', 'marketing', 'operations', 'legal'),
        headcount: fc.nat(400),
        growthPercent: fc.nat(60),
        hires: fc.nat(240),
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
  return fc.record({
    stock: fc.nat(300),
    onOrder: fc.nat(20),
    refreshNeed: fc.nat(60),
    unitCost: fc.integer({ min: 1, max: 9000 }),
  });
}
