/** What is asked for when nothing is written. The words "perform market analysis" bring in the market-analysis agent. */
export const defaultPrompt = 'Optimize the laptop supply chain and perform market analysis';

/** Requests to begin with. Each brings another answer. */
export const examples = [
  { label: 'Whole company, one year', prompt: 'Perform market analysis: comprehensive, for the next year' },
  {
    label: 'Next quarter within budget',
    prompt: 'Perform market analysis of laptop inventory for the next quarter, within budget',
  },
  { label: 'Market trends', prompt: 'Perform market analysis: forecast the market trends for laptops over 12 months' },
  { label: 'Policies only', prompt: 'Optimize the laptop inventory at the lowest cost' },
] as const;
