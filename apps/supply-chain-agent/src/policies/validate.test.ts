import { describe, expect, it } from 'vitest';
import { planPurchases } from '../purchasing/plan.ts';
import { purchasingPolicies } from './data.ts';
import { validatePlan } from './validate.ts';

const now = new Date('2026-02-01T00:00:00Z');

function findings(quantity: number, unitCost: number, model = 'MacBook Pro', at = now) {
  const gap = {
    model,
    current: 0,
    required: quantity,
    shortfall: quantity,
    priority: 'medium' as const,
    unit_cost: unitCost,
    cost: quantity * unitCost,
  };
  return validatePlan(planPurchases([gap], purchasingPolicies), [], purchasingPolicies, at);
}

describe('validatePlan', () => {
  it.each([
    [20, 2500, []],
    [20, 2501, ['approval_threshold']],
    [40, 2500, ['approval_threshold']],
    [41, 2500, ['max_order_value', 'approval_threshold']],
  ])('%i units at $%i', (quantity, unitCost, rules) => {
    expect(findings(quantity, unitCost).map((finding) => finding.rule)).toEqual(rules);
  });

  it('asks for an exception when a single unit exceeds the maximum order value', () => {
    expect(findings(2, 120_000)[0]?.message).toContain('No split keeps to it: ask for an exception.');
  });

  it('warns of a vendor that is not preferred', () => {
    expect(findings(1, 1000, 'Abacus')).toMatchObject([{ rule: 'preferred_vendor', value: 'not determined' }]);
  });

  it.each([
    ['2026-02-01T00:00:00Z', 'Q1', 250_000],
    ['2026-06-30T23:59:59Z', 'Q2', 300_000],
    ['2026-07-01T00:00:00Z', 'Q3', 275_000],
    ['2026-12-31T23:59:59Z', 'Q4', 325_000],
  ])('W15: compares with the budget of the quarter the clock says: %s', (at, quarter, budget) => {
    const rules = (value: number) =>
      findings(1, value, 'MacBook Pro', new Date(at)).filter((finding) => finding.rule === 'quarterly_budget');
    expect(rules(budget)).toEqual([]);
    expect(rules(budget + 1)).toMatchObject([{ subject: quarter, value: budget + 1, limit: budget }]);
  });

  it('warns of stock below the minimum and of nothing else', () => {
    const positions = [
      { model: 'MacBook Pro', current: 49, required: 0 },
      { model: 'MacBook Air', current: 75, required: 0 },
      { model: 'Abacus', current: 0, required: 0 },
    ];
    expect(validatePlan([], positions, purchasingPolicies, now)).toMatchObject([
      { rule: 'minimum_stock', subject: 'MacBook Pro', value: 49, limit: 50 },
    ]);
  });
});
