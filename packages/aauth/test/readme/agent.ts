import { type AgentLog, createAgentSession, createSignedFetch } from '@aauth-stack/aauth/agent';
import { systemClock } from '@aauth-stack/aauth/clock';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createHttpFetch, loadOrCreateSigningKey, nodeKeys } from '@aauth-stack/aauth/node';

const identifiers = { allowLoopback: process.env.NODE_ENV !== 'production' };

export async function startAgent(agentProvider: string, keyFile: string, log: AgentLog) {
  const fetch = createHttpFetch();
  const session = createAgentSession({
    provider: parseServerIdentifier(agentProvider, identifiers),
    agentName: 'Stock watcher',
    stableKey: await loadOrCreateSigningKey(keyFile),
    keys: nodeKeys,
    fetch,
    now: systemClock,
    log,
  });
  session.start();
  await session.ready; // enrolled: the person has approved the agent

  return {
    signedFetch: createSignedFetch({ credentials: session.credentials, fetch, now: systemClock }),
    async stop() {
      session.stop();
      await fetch.close();
    },
  };
}
