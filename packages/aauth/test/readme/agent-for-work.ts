import { type AgentFetch, interactionLink } from '@aauth-stack/aauth/agent';

const identifiers = { allowLoopback: process.env.NODE_ENV !== 'production' };

export function fetchForWork(agentFetch: AgentFetch, why: string, show: (link: string | undefined) => void) {
  return agentFetch.with({
    capabilities: ['interaction', 'clarification'],
    justification: why,
    onEvent(event) {
      if (event.type === 'deferred') show(interactionLink(event.pending, { identifiers })?.url);
      if (event.type === 'settled') show(undefined);
    },
    onClarification: ({ canUpdate }) =>
      canUpdate
        ? { action: 'update', scope: ['stock:read'], justification: 'Reading is enough.' }
        : { action: 'cancel' },
  });
}
