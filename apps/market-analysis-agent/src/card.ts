import { type AgentCard, createCard, type Skill } from '@aauth-stack/a2a/server';

const inventoryDemandAnalysis: Skill = {
  id: 'inventory_demand_analysis',
  name: 'Laptop Inventory Demand Analysis',
  description: 'Compares the stock of each laptop model with the demand of the coming months.',
  tags: ['inventory', 'demand-analysis', 'forecasting', 'laptops'],
  examples: [
    'Is the MacBook Pro stock enough for 50 engineers who start in the second quarter?',
    'Compare laptop stock with the 3-month forecast',
  ],
};

const marketTrendForecasting: Skill = {
  id: 'market_trend_forecasting',
  name: 'Technology Market Trend Forecasting',
  description: 'Forecasts what moves laptop prices and availability.',
  tags: ['market-trends', 'forecasting', 'pricing', 'availability'],
  examples: [
    'Forecast the trend of laptop prices for the next quarter',
    'Forecast availability trends for a bulk order of laptops',
  ],
};

const demandPatternModeling: Skill = {
  id: 'demand_pattern_modeling',
  name: 'Employee Demand Pattern Modeling',
  description: 'Models which laptops each department needs as it grows.',
  tags: ['demand-modeling', 'department-analysis', 'growth-patterns'],
  examples: [
    'Model the laptop demand of engineering and sales over 6 months',
    'Model the demand for MacBook Pro and MacBook Air by role',
  ],
};

export interface Cards {
  card: AgentCard;
  extendedCard: AgentCard;
}

/** @param url where others call this agent */
export function createCards(url: string): Cards {
  const name = 'Market Analysis Agent';
  const description = {
    name,
    description: 'Analyses laptop stock, demand and the market for the IT department.',
    version: '1.0.0',
    url,
    iconUrl: 'https://market-analysis.demo.com/icon.png',
    documentationUrl: 'https://docs.demo.corp/agents/market-analysis',
    scopes: ['market-analysis:analyze', 'agents:delegate'],
    skills: [inventoryDemandAnalysis, marketTrendForecasting],
  };
  return {
    card: createCard(description),
    extendedCard: createCard({
      ...description,
      name: `${name} - Extended Edition`,
      version: '1.0.1',
      skills: [...description.skills, demandPatternModeling],
    }),
  };
}
