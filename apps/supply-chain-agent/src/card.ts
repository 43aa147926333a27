import { type AgentCard, createCard, type Skill } from '@aauth-stack/a2a/server';

const supplyChainOptimization: Skill = {
  id: 'supply_chain_optimization',
  name: 'Enterprise Supply Chain Optimization',
  description: 'Plans hardware purchases from stock, demand and company policy; the market-analysis agent helps.',
  tags: ['supply-chain', 'optimization', 'procurement', 'orchestration', 'delegation'],
  examples: [
    'optimize laptop supply chain',
    'Review hardware procurement for cost, and perform market analysis',
    'Perform market analysis: is the MacBook stock enough for the Q2 hiring?',
  ],
};

const businessPolicyApplication: Skill = {
  id: 'business_policy_application',
  name: 'Business Policy and Compliance Management',
  description: 'Checks purchase plans against stock, approval, vendor and budget policies.',
  tags: ['policy', 'compliance', 'business-rules', 'governance', 'approval-workflows'],
  examples: [
    'Apply the 3-month buffer rule to the laptop inventory',
    'Perform market analysis for the year and say which orders need approval',
    'Which vendors may we order hardware from?',
  ],
};

export interface Cards {
  card: AgentCard;
  extendedCard: AgentCard;
}

/** @param url where others call this agent */
export function createCards(url: string): Cards {
  const name = 'Supply Chain Optimizer Agent';
  const description = {
    name,
    description: 'Optimizes the hardware supply chain of the IT department under company policy.',
    version: '1.0.0',
    url,
    iconUrl: 'https://supply-optimizer.demo.com/icon.png',
    documentationUrl: 'https://docs.demo.corp/agents/supply-chain-optimizer',
    scopes: ['supply-chain:optimize', 'agents:delegate'],
    skills: [supplyChainOptimization],
  };
  return {
    card: createCard(description),
    extendedCard: createCard({
      ...description,
      name: `${name} - Extended Edition`,
      version: '1.0.1',
      skills: [...description.skills, businessPolicyApplication],
    }),
  };
}
