import type { InventoryGap, Priority } from '../market-analysis/report-schema.ts';
import type { PurchasingPolicies } from '../policies/data.ts';

interface PurchaseOrder {
  quantity: number;
  total: number;
}

/** What to buy of one model. */
export interface PurchasePlanItem {
  item: string;
  quantity: number;
  unit_price: number;
  supplier: string;
  lead_time: string;
  total: number;
  priority: Priority;
  /** By the total of the item: splitting an order does not spare the CFO's approval. */
  approval: 'cfo' | 'standard';
  /** The item in at most 1,000 orders that each keep to the maximum order value, as far as one unit can. */
  orders: PurchaseOrder[];
}

/** Turns the gaps of a market analysis into a purchase plan that keeps to the policies. */
export function planPurchases(gaps: readonly InventoryGap[], policies: PurchasingPolicies): PurchasePlanItem[] {
  return gaps.map((gap) => {
    const total = gap.shortfall * gap.unit_cost;
    return {
      item: gap.model,
      quantity: gap.shortfall,
      unit_price: gap.unit_cost,
      supplier: policies.vendorsByModel[gap.model] ?? 'not determined',
      lead_time: gap.priority === 'high' ? policies.leadTimes.rush : policies.leadTimes.standard,
      total,
      priority: gap.priority,
      approval: total > policies.approvalThreshold ? 'cfo' : 'standard',
      orders: splitOrders(gap.shortfall, gap.unit_cost, policies.maxOrderValue),
    };
  });
}

/** Nobody places more for one item; the quantity is another party's word, and each order takes memory. */
const mostOrders = 1000;

function splitOrders(quantity: number, unitPrice: number, maxOrderValue: number): PurchaseOrder[] {
  const affordable = unitPrice > 0 ? Math.max(1, Math.floor(maxOrderValue / unitPrice)) : quantity;
  const perOrder = Math.max(affordable, Math.ceil(quantity / mostOrders));
  const orders: PurchaseOrder[] = [];
  for (let left = quantity; left > 0; left -= perOrder) {
    const ordered = Math.min(left, perOrder);
    orders.push({ quantity: ordered, total: ordered * unitPrice });
  }
  return orders;
}
