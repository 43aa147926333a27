/**
 * Who calls whom in one run of each mode, and what the trace says there of AAuth. The one table of it: `pnpm test:traces`
 * proves each line against what Jaeger has received.
 */

/** `service.name` of each service, with what it is. */
export const services = {
  'supply-chain-backend': 'the first agent, which starts the run',
  'resource-proxy': 'verifies and decides in front of the agents',
  'supply-chain-agent': 'plans purchases; an agent, and a resource that calls another',
  'market-analysis-agent': 'compares stock with demand',
  'inventory-mcp': "MCP server with the company's data",
  'person-server': 'speaks for the person',
  'agent-provider': 'issues agent tokens and publishes the keys that verify them',
} as const;

type ServiceName = keyof typeof services;

/** Attributes that one span, or one event on it, carries together. */
export type Facts = Readonly<Record<string, string | boolean | RegExp | readonly string[]>>;

export interface Edge {
  from: ServiceName;
  to: ServiceName;
  why: string;
  /** Operation of the span with which `to` begins. */
  operation: string;
  /** Each holds for the calling span, or for some span of `to` below the call. */
  shows: readonly Facts[];
}

const supplyChain = 'http://supply-chain-agent.localhost:3000';
const marketAnalysis = 'http://market-analysis-agent.localhost:3000';
const inventory = 'http://inventory.localhost:3000';
const personServer = 'http://person-server.localhost:8765';

const backendAgent = /^aauth:backend-app-\w{8}@agent-provider\.localhost:8766$/;
const supplyChainAgent = /^aauth:supply-chain-optimizer-agent-\w{8}@agent-provider\.localhost:8766$/;
const marketAnalysisAgent = /^aauth:market-analysis-agent-\w{8}@agent-provider\.localhost:8766$/;
const thumbprint = /^[\w-]{43}$/;

const signedBy = (tokenType: string): Facts => ({ 'aauth.scheme': 'jwt', 'aauth.token.type': tokenType });

const identified = (agent: RegExp, resource: string): Facts => ({
  ...signedBy('aa-agent+jwt'),
  'aauth.level': 'identified',
  'aauth.agent': agent,
  'aauth.jkt': thumbprint,
  'aauth.resource': resource,
  'aauth.result': 'allowed',
});

const challenged = (resource: string): readonly Facts[] => [
  {
    ...signedBy('aa-person+jwt'),
    'aauth.level': 'person',
    'aauth.person.iss': personServer,
    'aauth.requirement': 'auth-token',
    'aauth.resource': resource,
    'aauth.result': 'challenged',
  },
  { event: 'aauth.challenge', 'aauth.requirement': 'auth-token' },
];

const authorized = (resource: string, scope: readonly string[]): Facts => ({
  ...signedBy('aa-auth+jwt'),
  'aauth.level': 'authorized',
  'aauth.person.iss': personServer,
  'aauth.person.sub': thumbprint,
  'aauth.jkt': thumbprint,
  'aauth.resource': resource,
  'aauth.scope': scope,
  'aauth.result': 'allowed',
});

const forwarded = (facts: Facts): Facts => ({ ...facts, 'aauth.scheme': 'jwt', 'aauth.result': 'forwarded' });

const atPersonServer = (agent: RegExp | string): Facts => ({
  ...signedBy('aa-agent+jwt'),
  'aauth.level': 'identified',
  'aauth.agent': agent,
  'aauth.resource': personServer,
  'aauth.result': 'verified',
});

const granted = (resource: string, facts: Facts): Facts => ({
  event: 'aauth.decision',
  'aauth.resource': resource,
  'aauth.token.type': 'aa-auth+jwt',
  'aauth.result': 'granted',
  ...facts,
});

const readScopes = ['supply-chain:check', 'supply-chain:read'];

interface ChainedHop {
  from: ServiceName;
  /** What `from` is where it is its own provider, on behalf of whoever called it. */
  agent: string;
  to: ServiceName;
  resource: string;
  scope: readonly string[];
  operation: string;
}

/** A hop from one resource to the next, on behalf of whoever called the first. */
const chainedHop = ({ from, agent, to, resource, scope, operation }: ChainedHop): readonly Edge[] => [
  {
    from,
    to: 'person-server',
    why: `a person token for ${to}, on behalf of the caller`,
    operation: 'POST /person-token',
    shows: [atPersonServer(agent)],
  },
  {
    from: 'person-server',
    to: 'resource-proxy',
    why: `metadata and keys of ${from} as a provider of its own`,
    operation: 'GET /.well-known/aauth-agent.json',
    shows: [],
  },
  {
    from,
    to: 'resource-proxy',
    why: 'with the person token, challenged for an auth token',
    operation,
    shows: challenged(resource),
  },
  {
    from,
    to: 'person-server',
    why: 'the exchange of the resource token, on behalf of the caller',
    operation: 'POST /auth-token',
    shows: [
      atPersonServer(agent),
      { event: 'aauth.exchange', 'aauth.chained': true, 'aauth.resource': resource },
      granted(resource, { 'aauth.reason': 'standing-policy' }),
    ],
  },
  { from, to: 'resource-proxy', why: 'with the auth token', operation, shows: [authorized(resource, scope)] },
  {
    from: 'resource-proxy',
    to,
    why: 'forwarded with the verified identity',
    operation,
    shows: [forwarded({ 'aauth.level': 'authorized', 'aauth.scope': scope })],
  },
];

const chainedHops: readonly Edge[] = [
  ...chainedHop({
    from: 'supply-chain-agent',
    agent: 'aauth:supply-chain-agent@supply-chain-agent.localhost:3000',
    to: 'market-analysis-agent',
    resource: marketAnalysis,
    scope: ['market-analysis:analyze'],
    operation: 'POST /',
  }),
  ...chainedHop({
    from: 'market-analysis-agent',
    agent: 'aauth:market-analysis-agent@market-analysis-agent.localhost:3000',
    to: 'inventory-mcp',
    resource: inventory,
    scope: ['inventory:read'],
    operation: 'POST /mcp',
  }),
];

/** The first hop of the modes that demand an auth token. */
const authorizedHop = (scope: readonly string[], exchange: readonly Facts[]): readonly Edge[] => [
  {
    from: 'supply-chain-backend',
    to: 'person-server',
    why: 'a person token for the supply-chain agent',
    operation: 'POST /person-token',
    shows: [atPersonServer(backendAgent)],
  },
  {
    from: 'supply-chain-backend',
    to: 'resource-proxy',
    why: 'with the person token, challenged for an auth token',
    operation: 'POST /',
    shows: challenged(supplyChain),
  },
  {
    from: 'resource-proxy',
    to: 'person-server',
    why: 'the keys that verify person and auth tokens',
    operation: 'GET /.well-known/aauth-person.json',
    shows: [],
  },
  {
    from: 'supply-chain-backend',
    to: 'person-server',
    why: 'the exchange of the resource token',
    operation: 'POST /auth-token',
    shows: [
      atPersonServer(backendAgent),
      { event: 'aauth.exchange', 'aauth.chained': false, 'aauth.resource': supplyChain },
      ...exchange,
    ],
  },
  {
    from: 'person-server',
    to: 'resource-proxy',
    why: 'metadata and keys of the resource whose token is exchanged',
    operation: 'GET /.well-known/aauth-resource.json',
    shows: [],
  },
  {
    from: 'supply-chain-backend',
    to: 'resource-proxy',
    why: 'with the auth token',
    operation: 'POST /',
    shows: [authorized(supplyChain, scope)],
  },
  {
    from: 'resource-proxy',
    to: 'supply-chain-agent',
    why: 'forwarded with the verified identity',
    operation: 'POST /',
    shows: [forwarded({ 'aauth.level': 'authorized', 'aauth.scope': scope })],
  },
];

export const edges = {
  mode1: [
    {
      from: 'supply-chain-backend',
      to: 'resource-proxy',
      why: 'with the agent token',
      operation: 'POST /',
      shows: [identified(backendAgent, supplyChain)],
    },
    {
      from: 'resource-proxy',
      to: 'agent-provider',
      why: 'the keys that verify agent tokens',
      operation: 'GET /.well-known/aauth-agent.json',
      shows: [],
    },
    {
      from: 'resource-proxy',
      to: 'supply-chain-agent',
      why: 'forwarded with the verified identity',
      operation: 'POST /',
      shows: [forwarded({ 'aauth.level': 'identified', 'aauth.agent': backendAgent })],
    },
    {
      from: 'supply-chain-agent',
      to: 'resource-proxy',
      why: 'with the agent token',
      operation: 'POST /',
      shows: [identified(supplyChainAgent, marketAnalysis)],
    },
    {
      from: 'resource-proxy',
      to: 'market-analysis-agent',
      why: 'forwarded with the verified identity',
      operation: 'POST /',
      shows: [forwarded({ 'aauth.level': 'identified', 'aauth.agent': supplyChainAgent })],
    },
    {
      from: 'market-analysis-agent',
      to: 'resource-proxy',
      why: 'with the agent token, to the tools of the inventory',
      operation: 'POST /mcp',
      shows: [identified(marketAnalysisAgent, inventory)],
    },
    {
      from: 'resource-proxy',
      to: 'inventory-mcp',
      why: 'forwarded with the verified identity',
      operation: 'POST /mcp',
      shows: [forwarded({ 'aauth.level': 'identified', 'aauth.agent': marketAnalysisAgent })],
    },
  ],
  mode3: [...authorizedHop(readScopes, [granted(supplyChain, { 'aauth.reason': 'standing-policy' })]), ...chainedHops],
  'user-consent': [
    ...authorizedHop([...readScopes, 'require:user'], []),
    {
      from: 'supply-chain-backend',
      to: 'person-server',
      why: 'waits while the person decides',
      operation: 'GET /pending/:id',
      shows: [atPersonServer(backendAgent)],
    },
    ...chainedHops,
  ],
} as const satisfies Record<string, readonly Edge[]>;

export type Mode = keyof typeof edges;
