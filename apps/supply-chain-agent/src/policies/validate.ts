import type { StockPosition } from '../market-analysis/report-schema.ts';
import type { PurchasePlanItem } from '../purchasing/plan.ts';
import type { PurchasingPolicies } from './data.ts';

/** Where a plan or the stock does not keep to a policy. */
export interface PolicyFinding {
  rule: 'max_order_value' | 'approval_threshold' | 'preferred_vendor' | 'minimum_stock' | 'quarterly_budget';
  /** A violation stops the order as it stands; a warning asks somebody to decide. */
  severity: 'violation' | 'warning';
  subject: string;
  value: number | string;
  limit: number | string;
  message: string;
}

/** Judges a purchase plan, and the stock it starts from, by the policies. Violations come first. */
export function validatePlan(
  plan: readonly PurchasePlanItem[],
  positions: readonly StockPosition[],
  policies: PurchasingPolicies,
  now: Date,
): PolicyFinding[] {
  const findings = [
    ...plan.flatMap((item) => [...checkValue(item, policies), ...checkVendor(item, policies)]),
    ...positions.flatMap((position) => checkMinimumStock(position, policies)),
    ...checkBudget(plan, policies, now),
  ];
  return findings.toSorted((a, b) => Number(b.severity === 'violation') - Number(a.severity === 'violation'));
}

function checkValue(item: PurchasePlanItem, policies: PurchasingPolicies): PolicyFinding[] {
  const { item: subject, total: value, orders } = item;
  const { maxOrderValue, approvalThreshold } = policies;
  const needsCfo: PolicyFinding = {
    rule: 'approval_threshold',
    severity: 'warning',
    subject,
    value,
    limit: approvalThreshold,
    message: `${subject}: ${dollars(value)} exceeds the approval threshold of ${dollars(approvalThreshold)} and needs the CFO's approval.`,
  };
  if (value > maxOrderValue) {
    const remedy = orders.every((order) => order.total <= maxOrderValue)
      ? `Split it into ${orders.length} orders`
      : 'No split keeps to it: ask for an exception';
    return [
      {
        rule: 'max_order_value',
        severity: 'violation',
        subject,
        value,
        limit: maxOrderValue,
        message: `${subject}: ${dollars(value)} exceeds the maximum order value of ${dollars(maxOrderValue)}. ${remedy}.`,
      },
      needsCfo,
    ];
  }
  return value > approvalThreshold ? [needsCfo] : [];
}

function checkVendor(item: PurchasePlanItem, policies: PurchasingPolicies): PolicyFinding[] {
  if (policies.preferredVendors.includes(item.supplier)) return [];
  const preferred = policies.preferredVendors.join(', ');
  return [
    {
      rule: 'preferred_vendor',
      severity: 'warning',
      subject: item.item,
      value: item.supplier,
      limit: preferred,
      message: `${item.item}: the supplier (${item.supplier}) is not a preferred vendor (${preferred}).`,
    },
  ];
}

function checkMinimumStock(position: StockPosition, policies: PurchasingPolicies): PolicyFinding[] {
  const limit = policies.minimumStock[position.model];
  if (limit === undefined || position.current >= limit) return [];
  return [
    {
      rule: 'minimum_stock',
      severity: 'warning',
      subject: position.model,
      value: position.current,
      limit,
      message: `${position.model}: ${position.current} in stock is below the minimum of ${limit}.`,
    },
  ];
}

function checkBudget(plan: readonly PurchasePlanItem[], policies: PurchasingPolicies, now: Date): PolicyFinding[] {
  const quarter = Math.floor(now.getUTCMonth() / 3);
  const limit = policies.quarterlyBudgets[quarter];
  const value = plan.reduce((total, item) => total + item.total, 0);
  if (limit === undefined || value <= limit) return [];
  return [
    {
      rule: 'quarterly_budget',
      severity: 'warning',
      subject: `Q${quarter + 1}`,
      value,
      limit,
      message: `The plan costs ${dollars(value)}, more than the Q${quarter + 1} budget of ${dollars(limit)}.`,
    },
  ];
}

function dollars(amount: number): string {
  return amount.toLocaleString('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 0 });
}
