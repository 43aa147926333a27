import type { AgentProvider, Changes } from '@aauth-stack/by-hand';
import { onTestFinished } from 'vitest';
import { type AgentEvent, type AgentFetch, type AgentFetchOptions, createAgentFetch } from '../../src/agent/index.ts';
import { systemClock } from '../../src/clock.ts';
import { parseServerIdentifier } from '../../src/identifiers.ts';
import { parsePrivateJwk } from '../../src/keys/index.ts';
import { createHttpFetch, nodeKeys } from '../../src/node/index.ts';
import { createOurDiscovery, identifiers } from './our-resource.ts';

export interface OurAgent {
  readonly fetch: AgentFetch;
  /** What it did, in order. */
  readonly events: AgentEvent[];
}

export interface OurAgentOptions extends Pick<AgentFetchOptions, 'additionalComponentsFor' | 'capabilities' | 'sleep'> {
  /** What is changed in its agent token before that is signed. */
  readonly changes?: Changes;
}

/** An agent of ours, as long as the test lasts, with the token and the key of a hand-made agent. */
export function createOurAgent(
  provider: AgentProvider,
  personServer: string,
  { changes, ...options }: OurAgentOptions = {},
): OurAgent {
  const httpFetch = createHttpFetch();
  onTestFinished(() => httpFetch.close());
  const events: AgentEvent[] = [];
  const fetch = createAgentFetch({
    fetch: httpFetch,
    credentials: async () => ({
      token: await provider.token(changes),
      key: await nodeKeys.signingKey(parsePrivateJwk(provider.agentKey.privateJwk)),
    }),
    personServer: parseServerIdentifier(personServer, identifiers),
    discovery: createOurDiscovery(),
    identifiers,
    keys: nodeKeys,
    now: systemClock,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { fetch, events };
}
