import type { AgentProvider, KeyPair } from '@aauth-stack/by-hand';
import { type AgentEvent, type AgentFetch, createAgentFetch } from '../../src/agent/index.ts';
import { systemClock } from '../../src/clock.ts';
import { parseServerIdentifier } from '../../src/identifiers.ts';
import { parsePrivateJwk } from '../../src/keys/index.ts';
import { createHttpFetch, nodeKeys } from '../../src/node/index.ts';
import { createOurDiscovery, identifiers } from './our-resource.ts';

export interface OurAgent {
  readonly fetch: AgentFetch;
  /** What it did, in order. */
  readonly events: AgentEvent[];
  close(): Promise<void>;
}

/** An agent of ours with the token and the key of a hand-made agent. */
export function createOurAgent(
  provider: AgentProvider,
  personServer: string,
  { key = provider.agentKey }: { key?: KeyPair } = {},
): OurAgent {
  const httpFetch = createHttpFetch();
  const events: AgentEvent[] = [];
  const fetch = createAgentFetch({
    fetch: httpFetch,
    credentials: async () => ({
      token: await provider.token({ claims: { cnf: { jwk: key.publicJwk } } }),
      key: await nodeKeys.signingKey(parsePrivateJwk(key.privateJwk)),
    }),
    personServer: parseServerIdentifier(personServer, identifiers),
    discovery: createOurDiscovery(),
    identifiers,
    keys: nodeKeys,
    now: systemClock,
    additionalComponentsFor: () => [],
    onEvent: (event) => events.push(event),
  });
  return { fetch, events, close: () => httpFetch.close() };
}
