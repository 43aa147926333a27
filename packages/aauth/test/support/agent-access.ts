import type { AgentEvent } from '../../src/agent/agent-events.ts';
import { createAgentFetch } from '../../src/agent/agent-fetch.ts';
import type { AgentFetchOptions } from '../../src/agent/agent-fetch-options.ts';
import { nodeKeys } from '../../src/node/keys.ts';
import type { AccessMode } from '../../src/resource/types.ts';
import { decodeTokenForDisplay } from '../../src/tokens/jwt.ts';
import { createAccessWorld, createTestAgent, identifiers } from './access-world.ts';
import { startGuardedResource } from './guarded-resource.ts';
import type { Received } from './http-server.ts';
import { startPersonServer } from './person-server.ts';

export interface AgentAccessOptions {
  readonly access?: AccessMode;
  readonly agent?: Partial<AgentFetchOptions>;
  /** Seconds that an agent token lives. */
  readonly lifetime?: number;
}

/** An agent with its provider, its person server, and a resource, each on a real socket. */
export async function setUpAgentAccess({ access, agent: options, lifetime }: AgentAccessOptions = {}) {
  const world = createAccessWorld();
  const personServer = await startPersonServer(world);
  const agent = await createTestAgent(world, { lifetime, personServer: personServer.issuer });
  const resource = await startGuardedResource(world, { access });
  const events: AgentEvent[] = [];
  const agentFetch = createAgentFetch({
    fetch: world.http,
    credentials: agent.credentials,
    personServer: personServer.issuer,
    discovery: world.discovery(),
    identifiers,
    keys: nodeKeys,
    now: world.clock.now,
    sleep: world.sleep,
    onEvent: (event) => events.push(event),
    ...options,
  });
  const url = `${resource.issuer}/stock?item=1`;
  /** What the requests to the resource presented, metadata and keys aside. */
  const presented = () => resource.server.received.filter(isCall).map(presentedType);
  return { ...world, personServer, agent, resource, events, agentFetch, url, presented };
}

export function isCall({ target }: Received): boolean {
  return target !== '/jwks' && !target.startsWith('/.well-known/');
}

/** The token that a request carries, in compact form. */
export function presentedToken(request: Pick<Received, 'headers'> | undefined): string {
  return /jwt="([^"]+)"/.exec(request?.headers.get('signature-key') ?? '')?.[1] ?? '';
}

/** `agent`, `person` or `auth`. */
export function presentedType(request: Received): string | undefined {
  const { typ } = decodeTokenForDisplay(presentedToken(request))?.header ?? {};
  return typeof typ === 'string' ? /^aa-(.*)\+jwt$/.exec(typ)?.[1] : undefined;
}
