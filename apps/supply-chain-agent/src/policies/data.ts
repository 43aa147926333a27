/** AcmeCorp's purchasing policy. What judges an order takes it as a parameter. */
export interface PurchasingPolicies {
  readonly inventoryBufferMonths: number;
  /** Whole laptops by model; stock below it is reported. */
  readonly minimumStock: Readonly<Record<string, number>>;
  /** US dollars; an order above it needs the CFO. */
  readonly approvalThreshold: number;
  /** US dollars; no single order may exceed it. */
  readonly maxOrderValue: number;
  /** US dollars for the first to the fourth quarter. */
  readonly quarterlyBudgets: readonly [number, number, number, number];
  readonly preferredVendors: readonly string[];
  readonly vendorTiers: readonly { readonly tier: number; readonly vendors: readonly string[] }[];
  /** Who makes which model. */
  readonly vendorsByModel: Readonly<Record<string, string>>;
  readonly compliance: readonly string[];
  readonly leadTimes: { readonly standard: string; readonly rush: string; readonly bulk: string };
  readonly quality: { readonly warranty: string; readonly support: string; readonly uptime: string };
}

export const purchasingPolicies: PurchasingPolicies = {
  inventoryBufferMonths: 3,
  minimumStock: { 'MacBook Pro': 50, 'MacBook Air': 75, 'Dell XPS': 40, 'HP EliteBook': 60 },
  approvalThreshold: 50_000,
  maxOrderValue: 100_000,
  quarterlyBudgets: [250_000, 300_000, 275_000, 325_000],
  preferredVendors: ['Apple', 'Dell', 'HP', 'Lenovo'],
  vendorTiers: [
    { tier: 1, vendors: ['Apple', 'Dell'] },
    { tier: 2, vendors: ['HP', 'Lenovo'] },
    { tier: 3, vendors: ['Microsoft', 'ASUS'] },
  ],
  vendorsByModel: { 'MacBook Pro': 'Apple', 'MacBook Air': 'Apple', 'Dell XPS': 'Dell', 'HP EliteBook': 'HP' },
  compliance: ['ISO 27001', 'GDPR', 'SOC 2 Type II', 'Vendor security assessment'],
  leadTimes: { standard: '2-4 weeks', rush: '1-2 weeks', bulk: '6-8 weeks' },
  quality: { warranty: '3-year warranty', support: '24/7 support', uptime: '99.5% uptime' },
};

/** The policies as the report carries them. */
export type StatedPolicies = ReturnType<typeof statePolicies>;

export function statePolicies(policies: PurchasingPolicies) {
  return {
    inventory_buffer_months: policies.inventoryBufferMonths,
    minimum_stock: policies.minimumStock,
    approval_threshold: policies.approvalThreshold,
    max_order_value: policies.maxOrderValue,
    quarterly_budgets: Object.fromEntries(policies.quarterlyBudgets.map((budget, index) => [`Q${index + 1}`, budget])),
    preferred_vendors: policies.preferredVendors,
    vendor_tiers: policies.vendorTiers,
    compliance: policies.compliance,
    lead_times: policies.leadTimes,
    quality: policies.quality,
  };
}
