import { join } from 'node:path';
import { type Mode, modes } from './modes.ts';
import { keyDirectory, root } from './root.ts';
import { localSecret } from './secrets.ts';

/** One process of the stack. */
export interface Service {
  name: string;
  /** `service.name` in traces, where it is not `name`. */
  telemetryName?: string;
  /** Where people and other parties reach it. */
  address: string;
  /** Ports it listens on; the first names the process that holds it when it is taken. */
  ports: readonly number[];
  /** Answers at `/healthz` and `/readyz`. */
  health: string;
  environment: Readonly<Record<string, string>>;
  /** An agent's stable key, by which start-infra knows it when it asks to be enrolled. */
  stableKeyFile?: string;
}

/** Addresses that the whole stack agrees on. The environment may name others. */
export const addresses = {
  personServer: process.env.PERSON_SERVER_URL ?? 'http://person-server.localhost:8765',
  agentProvider: process.env.AGENT_PROVIDER_URL ?? 'http://agent-provider.localhost:8766',
  supplyChainAgent: process.env.SUPPLY_CHAIN_AGENT_URL ?? 'http://supply-chain-agent.localhost:3000',
  marketAnalysisAgent: process.env.MARKET_ANALYSIS_AGENT_URL ?? 'http://market-analysis-agent.localhost:3000',
  inventory: process.env.INVENTORY_URL ?? 'http://inventory.localhost:3000',
  backend: process.env.BACKEND_URL ?? 'http://backend.localhost:8000',
  supplyChainUi: process.env.UI_URL ?? 'http://localhost:3050',
} as const;

/** The services in the order in which they start, each needing only those before it to be up. */
export function servicesFor(mode: Mode, databaseUrl: (database: string) => string): Service[] {
  const environment = watched();
  return services(mode, databaseUrl).map((service) => ({
    ...service,
    environment: { ...environment, ...service.environment },
  }));
}

/** Has every service tell the backend what goes over the wire, for the drawing of a run. */
function watched(): Record<string, string> {
  const receiver = process.env.AAUTH_FLOW_EXPORTER_URL ?? 'http://127.0.0.1:8000/otlp/v1/traces';
  return { AAUTH_FLOW_EXPORTER_URL: receiver, AAUTH_FLOW_SECRET: localSecret('flow-secret') };
}

function services(mode: Mode, databaseUrl: (database: string) => string): Service[] {
  const { gateway, resources } = modes[mode];
  const proxySecret = localSecret('proxy-secret');
  const agents = {
    AGENT_PROVIDER_URL: addresses.agentProvider,
    PERSON_SERVER_URL: addresses.personServer,
    SUPPLY_CHAIN_AGENT_URL: addresses.supplyChainAgent,
    MARKET_ANALYSIS_AGENT_URL: addresses.marketAnalysisAgent,
    INVENTORY_URL: addresses.inventory,
  };
  return [
    {
      name: 'agent-provider',
      address: addresses.agentProvider,
      ports: [8766],
      health: 'http://127.0.0.1:8766',
      environment: {
        AGENT_PROVIDER_URL: addresses.agentProvider,
        PERSON_SERVER_URL: addresses.personServer,
        AAUTH_OPERATOR_TOKEN: localSecret('operator-token'),
        AAUTH_REVOCATION_RECIPIENTS: `${addresses.supplyChainAgent},${addresses.marketAnalysisAgent},${addresses.inventory}`,
        DATABASE_URL: databaseUrl('agent_provider'),
      },
    },
    {
      name: 'person-server',
      address: `${addresses.personServer}/ui`,
      ports: [8765],
      health: 'http://127.0.0.1:8765',
      environment: {
        AGENT_PROVIDER_URL: addresses.agentProvider,
        PERSON_SERVER_URL: addresses.personServer,
        AAUTH_PORTAL_TOKEN: portalToken(),
        AAUTH_OPERATOR_TOKEN: localSecret('operator-token'),
        AAUTH_CONSENT_POLICY: process.env.AAUTH_CONSENT_POLICY ?? 'standing',
        DATABASE_URL: databaseUrl('person_server'),
      },
    },
    {
      name: 'resource-proxy',
      address: 'http://localhost:3000',
      ports: [3000, 7070, 8081],
      health: 'http://127.0.0.1:8081',
      environment: {
        AGENT_PROVIDER_URL: addresses.agentProvider,
        PERSON_SERVER_URL: addresses.personServer,
        GATEWAY_CONFIG: process.env.GATEWAY_CONFIG ?? join(root, 'infra', 'gateway', gateway),
        AAUTH_CONFIG: process.env.AAUTH_CONFIG ?? join(root, 'infra', 'gateway', resources),
        AAUTH_PROXY_SECRET: proxySecret,
        AAUTH_KEY_DIR: keyDirectory,
        DATABASE_URL: databaseUrl('resource_proxy'),
      },
    },
    {
      name: 'inventory-mcp',
      address: addresses.inventory,
      ports: [9997],
      health: 'http://127.0.0.1:9997',
      environment: {
        INVENTORY_URL: addresses.inventory,
        AAUTH_PROXY_SECRET: proxySecret,
        DATABASE_URL: databaseUrl('inventory_mcp'),
      },
    },
    {
      name: 'market-analysis-agent',
      address: addresses.marketAnalysisAgent,
      ports: [9998],
      health: 'http://127.0.0.1:9998',
      stableKeyFile: join(keyDirectory, 'market-analysis-stable.pem'),
      environment: {
        ...agents,
        AAUTH_PROXY_SECRET: proxySecret,
        STABLE_KEY_FILE: join(keyDirectory, 'market-analysis-stable.pem'),
        PROVIDER_KEY_FILE: join(keyDirectory, 'market-analysis-provider.pem'),
      },
    },
    {
      name: 'supply-chain-agent',
      address: addresses.supplyChainAgent,
      ports: [9999],
      health: 'http://127.0.0.1:9999',
      stableKeyFile: join(keyDirectory, 'supply-chain-stable.pem'),
      environment: {
        ...agents,
        AAUTH_PROXY_SECRET: proxySecret,
        STABLE_KEY_FILE: join(keyDirectory, 'supply-chain-stable.pem'),
        PROVIDER_KEY_FILE: join(keyDirectory, 'supply-chain-provider.pem'),
      },
    },
    {
      name: 'backend',
      telemetryName: 'supply-chain-backend',
      address: addresses.backend,
      ports: [8000],
      health: 'http://127.0.0.1:8000',
      stableKeyFile: join(keyDirectory, 'backend-stable.pem'),
      environment: {
        ...agents,
        FRONTEND_URL: addresses.supplyChainUi,
        JAEGER_UI_URL: process.env.JAEGER_UI_URL ?? 'http://localhost:16686',
        DATABASE_URL: databaseUrl('backend'),
        STABLE_KEY_FILE: join(keyDirectory, 'backend-stable.pem'),
      },
    },
    {
      name: 'supply-chain-ui',
      address: addresses.supplyChainUi,
      ports: [3050],
      health: 'http://127.0.0.1:3050',
      environment: { BACKEND_URL: addresses.backend },
    },
  ];
}

/** `mytoken` as in the known demo, unless the environment says otherwise. */
export function portalToken(): string {
  return process.env.AAUTH_PORTAL_TOKEN ?? 'mytoken';
}

export const databases = ['agent_provider', 'person_server', 'resource_proxy', 'backend', 'inventory_mcp'] as const;
