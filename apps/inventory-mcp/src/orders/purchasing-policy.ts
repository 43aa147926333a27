import type { Queries } from '../db/database.ts';
import { purchasingPolicy } from '../db/schema.ts';

export interface PurchasingPolicy {
  /** Safety stock, in months of a year's demand. */
  bufferMonths: number;
  /** Orders above this wait for the CFO. */
  approvalThreshold: number;
  maxOrderValue: number;
}

export async function readPolicy(db: Queries): Promise<PurchasingPolicy> {
  const [policy] = await db.select().from(purchasingPolicy);
  if (!policy) throw new Error('The database has no purchasing policy: a migration makes it.');
  return policy;
}
