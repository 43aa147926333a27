import { type AgentEvent, type AgentFetch, createAgentFetch } from '@aauth-stack/aauth/agent';
import { type Clock, systemClock } from '@aauth-stack/aauth/clock';
import { createDiscovery } from '@aauth-stack/aauth/discovery';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createEgressFetch, nodeKeys } from '@aauth-stack/aauth/node';
import type { TestAgent } from './agent.ts';
import { a2aMessage } from './raw-request.ts';

const identifiers = { allowLoopback: true };

export interface AuthorizedAgent {
  fetch: AgentFetch;
  /** What the fetch did so far. */
  events: AgentEvent[];
}

/** The fetch of an agent that gets whatever a resource requires, and what it reports. */
export function authorize(
  agent: TestAgent,
  { now = systemClock, capabilities = [] }: { now?: Clock; capabilities?: readonly string[] } = {},
): AuthorizedAgent {
  const events: AgentEvent[] = [];
  const discovery = createDiscovery({
    fetch: createEgressFetch(identifiers),
    identifiers,
    keys: nodeKeys,
    now,
  });
  const fetch = createAgentFetch({
    fetch: agent.fetch,
    credentials: agent.session.credentials,
    personServer: parseServerIdentifier('http://person-server.localhost:8765', identifiers),
    discovery,
    identifiers,
    keys: nodeKeys,
    now,
    capabilities,
    onEvent: (event) => events.push(event),
  });
  return { fetch, events };
}

/** Asks the supply-chain agent through the proxy. */
export function callSupplyChain(
  fetch: AuthorizedAgent['fetch'],
  text = 'optimize laptop supply chain',
): Promise<Response> {
  return fetch('http://supply-chain-agent.localhost:3000/', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: a2aMessage(text),
  });
}
