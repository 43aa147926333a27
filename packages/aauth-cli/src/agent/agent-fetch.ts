import { randomUUID } from 'node:crypto';
import { type AgentFetch, createAgentFetch, type WorkOptions } from '@aauth-stack/aauth/agent';
import { nodeKeys } from '@aauth-stack/aauth/node';
import type { Context } from '../command/context.ts';
import type { Profile, Profiles } from '../config/profiles.ts';
import { type AgentIdentity, createIdentity } from './credentials.ts';
import type { Network } from './network.ts';

interface AgentOptions extends WorkOptions {
  readonly context: Context;
  readonly profiles: Profiles;
  readonly profile: Profile;
  readonly network: Network;
  /** Sees every request of the agent, to whomever. Default: the network's. */
  readonly fetch?: typeof globalThis.fetch;
}

/** The agent of a profile, and its `fetch`, which gets the access that resources ask for. */
export async function openAgent(options: AgentOptions): Promise<{ identity: AgentIdentity; agentFetch: AgentFetch }> {
  const { context, profiles, network, fetch = network.fetch, ...work } = options;
  const identity = await createIdentity({ context, profiles, profile: options.profile, fetch });
  // The first agent token says who the person server is.
  await identity.credentials();
  const { personServer } = (await profiles.find(options.profile.name)) ?? options.profile;
  const agentFetch = createAgentFetch({
    ...work,
    fetch,
    credentials: identity.credentials,
    personServer,
    discovery: network.discovery,
    identifiers: network.identifiers,
    keys: nodeKeys,
    now: context.now,
    platform: 'desktop',
    // Every run of the command signs with the same key until that is renewed.
    nonce: randomUUID,
  });
  return { identity, agentFetch };
}
