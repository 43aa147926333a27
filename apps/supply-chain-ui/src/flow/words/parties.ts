import type { Flow } from '../model/flow.ts';

const names: Readonly<Record<string, string>> = {
  person: 'Person',
  'supply-chain-ui': 'Supply-chain UI',
  caller: 'Caller',
  'supply-chain-backend': 'Backend',
  'resource-proxy': 'Resource proxy',
  'supply-chain-agent': 'Supply-chain agent',
  'market-analysis-agent': 'Market-analysis agent',
  'inventory-mcp': 'Inventory (MCP)',
  'person-server': 'Person Server',
  'agent-provider': 'Agent Provider',
};

const roles: Readonly<Record<string, string>> = {
  person: 'You, in a browser: nobody else can decide for you.',
  'supply-chain-ui': 'The page that starts runs and shows them.',
  caller: 'A program that starts runs.',
  'supply-chain-backend': 'The first agent of the chain: it acts for the person.',
  'resource-proxy':
    'Stands in front of the agents and the MCP server: it checks each request and forwards what it admits.',
  'supply-chain-agent': 'Answers the backend, and is an agent itself when it asks for a market analysis.',
  'market-analysis-agent': 'Answers the supply-chain agent.',
  'inventory-mcp': 'Serves the data of the company as MCP tools.',
  'person-server': 'Speaks for the person: it issues their tokens, by their standing policy or when they approve.',
  'agent-provider': 'Vouches for agents: it issues their agent tokens.',
};

export function partyName(id: string): string {
  return names[id] ?? id;
}

export function partyRole(id: string): string {
  return roles[id] ?? 'A server that sends no spans of its own.';
}

/** In a sentence: "the Backend", but "localhost:9000". */
export function theParty(id: string): string {
  return Object.hasOwn(names, id) ? `the ${names[id]}` : id;
}

/** Who goes by an identifier in tokens and URLs; undefined for a stranger. */
export function partyOf(flow: Flow, identifier: string): string | undefined {
  const origin = URL.canParse(identifier) ? new URL(identifier).origin : identifier;
  return flow.parties.find(({ identifiers }) => identifiers.includes(origin))?.id;
}
