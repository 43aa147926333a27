import { inventoryLevels } from '../inventory/inventory-levels.ts';
import { marketTrends } from '../market/market-trends.ts';
import { listPurchaseOrders } from '../orders/list-purchase-orders.ts';
import { placePurchaseOrder } from '../orders/place-purchase-order.ts';
import { growthProjections } from '../workforce/growth-projections.ts';
import { hiringForecast } from '../workforce/hiring-forecast.ts';
import { refreshCycles } from '../workforce/refresh-cycles.ts';
import type { Tool } from './tool.ts';

/** Every tool of this server. */
export const tools: readonly Tool[] = [
  inventoryLevels,
  hiringForecast,
  refreshCycles,
  marketTrends,
  growthProjections,
  listPurchaseOrders,
  placePurchaseOrder,
];
