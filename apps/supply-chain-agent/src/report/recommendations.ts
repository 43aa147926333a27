import { mentions } from './request.ts';

export interface Recommendation {
  title: string;
  priority: 'High' | 'Medium' | 'Low';
  description: string;
  action: string;
  expected_impact: string;
}

const inventoryOptimization: Recommendation = {
  title: 'Inventory Optimization',
  priority: 'High',
  description: 'Compare stock with the demand to come, so that neither shortages nor idle stock build up.',
  action: 'review_current_stock_levels_and_forecast_demand',
  expected_impact: 'reduce_stockouts_by_80%',
};

const costOptimization: Recommendation = {
  title: 'Cost Optimization',
  priority: 'Medium',
  description: 'Order once a quarter and use the volume in price negotiations.',
  action: 'batch_orders_quarterly_and_negotiate_bulk_pricing',
  expected_impact: 'reduce_costs_by_15-20%',
};

const vendorManagement: Recommendation = {
  title: 'Vendor Management',
  priority: 'Medium',
  description: 'Order from vendors whose compliance and quality are already approved.',
  action: 'prioritize_orders_with_approved_vendors',
  expected_impact: 'ensure_compliance_and_quality',
};

const approvalWorkflow: Recommendation = {
  title: 'Approval Workflow',
  priority: 'Low',
  description: 'Send each order to whoever may approve its value, without hand-offs.',
  action: 'implement_automated_approval_routing',
  expected_impact: 'streamline_procurement_process',
};

/** What to improve, told from the words of the request. */
export function recommend(text: string): Recommendation[] {
  return [
    ...(mentions(text, 'inventory', 'stock') ? [inventoryOptimization] : []),
    ...(mentions(text, 'cost', 'budget') ? [costOptimization] : []),
    vendorManagement,
    approvalWorkflow,
  ];
}
