import type { CompanyData } from './data.ts';

interface DepartmentPattern {
  department: string;
  current_headcount: number;
  growth_percent: number;
  projected_headcount: number;
  refresh_cycle_months: number;
  laptops: { model: string; share_percent: number; units: number }[];
}

export interface DemandPatterns {
  departments: DepartmentPattern[];
  totals: { model: string; units: number }[];
}

/** Which laptops each department uses once it has grown as planned. */
export function modelDemandPatterns(data: CompanyData): DemandPatterns {
  const departments = data.departments.map((department): DepartmentPattern => {
    const headcount = Math.trunc((department.headcount * (100 + department.growthPercent)) / 100);
    return {
      department: department.name,
      current_headcount: department.headcount,
      growth_percent: department.growthPercent,
      projected_headcount: headcount,
      refresh_cycle_months: department.refreshCycleMonths,
      laptops: data.models.map(({ name }) => {
        const share = department.modelMix[name] ?? 0;
        return { model: name, share_percent: share, units: Math.trunc((headcount * share) / 100) };
      }),
    };
  });
  return { departments, totals: data.models.map(({ name }) => ({ model: name, units: unitsOf(name, departments) })) };
}

function unitsOf(model: string, departments: readonly DepartmentPattern[]): number {
  return departments
    .flatMap((department) => department.laptops)
    .filter((laptop) => laptop.model === model)
    .reduce((total, laptop) => total + laptop.units, 0);
}
