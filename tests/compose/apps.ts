import type { IdentifierPolicy } from '@aauth-stack/aauth/identifiers';
import type { z } from 'zod';
import * as agentProvider from '../../apps/agent-provider/src/config.ts';
import * as backend from '../../apps/backend/src/config.ts';
import * as inventoryMcp from '../../apps/inventory-mcp/src/config.ts';
import * as marketAnalysisAgent from '../../apps/market-analysis-agent/src/config.ts';
import * as personServer from '../../apps/person-server/src/config.ts';
import * as resourceProxy from '../../apps/resource-proxy/src/config.ts';
import * as supplyChainAgent from '../../apps/supply-chain-agent/src/config.ts';
import * as supplyChainUi from '../../apps/supply-chain-ui/src/config.ts';

export interface App {
  name: string;
  /** Its settings, as it reads them itself. */
  schema: (policy: IdentifierPolicy) => z.ZodObject;
}

export const apps: readonly App[] = [
  { name: 'agent-provider', schema: agentProvider.schema },
  { name: 'person-server', schema: personServer.schema },
  { name: 'resource-proxy', schema: resourceProxy.schema },
  { name: 'market-analysis-agent', schema: marketAnalysisAgent.schema },
  { name: 'supply-chain-agent', schema: supplyChainAgent.schema },
  { name: 'inventory-mcp', schema: inventoryMcp.schema },
  { name: 'backend', schema: backend.schema },
  { name: 'supply-chain-ui', schema: () => supplyChainUi.schema },
];
