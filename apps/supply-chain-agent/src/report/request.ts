/** What a message asks of this agent. */
export interface OptimizationRequest {
  type: 'supply_chain_optimization';
  context: 'IT hardware procurement';
  focus_area: 'laptop_inventory' | 'general_supply_chain';
  text: string;
}

const defaultText = 'optimize laptop supply chain';

/** Reads a message; empty text asks for the default optimization. */
export function parseOptimizationRequest(message: string): OptimizationRequest {
  const text = message.trim() || defaultText;
  return {
    type: 'supply_chain_optimization',
    context: 'IT hardware procurement',
    focus_area: mentions(text, 'laptop', 'hardware') ? 'laptop_inventory' : 'general_supply_chain',
    text,
  };
}

/** Whether a text asks for a market analysis. */
export function asksForMarketAnalysis(text: string): boolean {
  return mentions(text, 'perform market analysis');
}

/** Whether a text contains one of the words, in whatever case. */
export function mentions(text: string, ...words: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return words.some((word) => lower.includes(word));
}
