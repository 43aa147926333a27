import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

const months = z
  .string()
  .regex(/^(?:[1-9]|[12]\d|3[0-6])$/, 'a number of months from 1 to 36')
  .optional()
  .describe('How far to look ahead, in months; 6 when left out');

/** Offers ready-made questions that need several tools. */
export function registerPrompts(server: McpServer): void {
  server.registerPrompt(
    'analyze_laptop_demand',
    {
      title: 'Analyse laptop demand',
      description: 'Compare stock with the demand to come, and say what has to be bought.',
      argsSchema: { months },
    },
    ({ months: ahead = '6' }) =>
      ask(
        `Compare AcmeCorp's stock of laptops with the demand of the next ${ahead} months. Take the stock and the safety buffer from ` +
          `get_inventory_levels, the hires from get_hiring_forecast (months: ${ahead}) and what is due for replacement from ` +
          'get_refresh_cycles. For each model say what is required, what is missing or left over, and what it costs.',
      ),
  );
  server.registerPrompt(
    'review_purchase',
    {
      title: 'Review a purchase',
      description: 'Say whether a purchase makes sense before an order is placed.',
      argsSchema: {
        model: z.string().min(1).max(100).describe('As get_inventory_levels names it'),
        quantity: z
          .string()
          .regex(/^[1-9]\d{0,3}$/, 'a whole number from 1 to 9999')
          .describe('How many laptops'),
      },
    },
    ({ model, quantity }) =>
      ask(
        `AcmeCorp is about to order ${quantity} × ${model}. Check with get_inventory_levels what is in stock and on order, with ` +
          'get_hiring_forecast and get_growth_projections whether they are needed, and with get_market_trends whether now is the ' +
          'time. Place no order; say what you would do and why.',
      ),
  );
}

function ask(text: string) {
  return { messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }] };
}
