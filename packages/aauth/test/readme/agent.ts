import { type AgentLog, createAgentFetch, createAgentSession } from '@aauth-stack/aauth/agent';
import { systemClock } from '@aauth-stack/aauth/clock';
import { createDiscovery } from '@aauth-stack/aauth/discovery';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createEgressFetch, createHttpFetch, loadOrCreateSigningKey, nodeKeys } from '@aauth-stack/aauth/node';

const identifiers = { allowLoopback: process.env.NODE_ENV !== 'production' };

export async function startAgent(provider: string, personServer: string, keyFile: string, log: AgentLog) {
  const fetch = createHttpFetch();
  const shared = {
    personServer: parseServerIdentifier(personServer, identifiers),
    keys: nodeKeys,
    fetch,
    now: systemClock,
  };
  const session = createAgentSession({
    ...shared,
    provider: parseServerIdentifier(provider, identifiers),
    agentName: 'Stock watcher',
    stableKey: await loadOrCreateSigningKey(keyFile),
    log,
  });
  session.start();
  await session.ready; // enrolled: the person has approved the agent

  const agentFetch = createAgentFetch({
    ...shared,
    credentials: session.credentials,
    discovery: createDiscovery({ fetch: createEgressFetch(identifiers), keys: nodeKeys, identifiers }),
    identifiers,
    onEvent: (event) => log.info(event, `${event.type} ${event.resource}`),
  });
  return {
    agentFetch,
    async stop() {
      session.stop();
      await fetch.close();
    },
  };
}
