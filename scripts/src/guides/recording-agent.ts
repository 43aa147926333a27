import {
  type AgentCredentials,
  type AgentFetch,
  createAgentFetch,
  createAgentSession,
  createSignedFetch,
} from '@aauth-stack/aauth/agent';
import { systemClock } from '@aauth-stack/aauth/clock';
import { createDiscovery } from '@aauth-stack/aauth/discovery';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { thumbprintUri } from '@aauth-stack/aauth/keys';
import { createEgressFetch, nodeKeys } from '@aauth-stack/aauth/node';
import { addresses } from '../services.ts';
import { waitFor } from '../wait-for.ts';
import { createRecorder, type Exchange, type Recorder } from './recorder.ts';

const identifiers = { allowLoopback: true };
const silent = { info() {}, warn() {}, error() {} };

/** An agent like those of the demo, whose requests are kept. */
export interface RecordingAgent {
  /** The request for an identity, and the poll that brought it. */
  readonly enrolment: { readonly register: Exchange; readonly poll: Exchange };
  /** Gets whatever a resource requires. */
  readonly fetch: AgentFetch;
  /** Presents its agent token and leaves the answer to the caller. */
  readonly signedFetch: typeof globalThis.fetch;
  /** Sends a request as it is. */
  readonly send: typeof globalThis.fetch;
  credentials(): Promise<AgentCredentials>;
  /**
   * Lets `action` run and tells what the agent sent meanwhile, by the names given to the requests in their order.
   *
   * @throws Error when it sent more or less
   */
  during<Name extends string>(
    names: readonly Name[],
    action: () => Promise<unknown>,
  ): Promise<(name: Name) => Exchange>;
  close(): Promise<void>;
}

/** A new agent, enrolled with a key of its own, which `approve` lets a person approve by its thumbprint. */
export async function enrolAgent(
  agentName: string,
  approve: (stableJkt: string) => Promise<void>,
): Promise<RecordingAgent> {
  const recorder = createRecorder();
  const stableKey = await nodeKeys.signingKey(await nodeKeys.generate('Ed25519'));
  const shared = { fetch: recorder.fetch, keys: nodeKeys, now: systemClock };
  const provider = parseServerIdentifier(addresses.agentProvider, identifiers);
  const session = createAgentSession({ ...shared, provider, agentName, stableKey, log: silent });
  session.start();
  const poll = await pollOf(recorder);
  await approve(thumbprintUri(stableKey.thumbprint));
  await session.ready;
  const register = recorder.exchanges.find(({ method }) => method === 'POST');
  if (!register || !poll.response) throw new Error('The agent was enrolled without asking.');
  return {
    enrolment: { register, poll },
    fetch: createAgentFetch({
      ...shared,
      credentials: session.credentials,
      personServer: parseServerIdentifier(addresses.personServer, identifiers),
      discovery: createDiscovery({
        fetch: createEgressFetch(identifiers),
        identifiers,
        keys: nodeKeys,
        now: systemClock,
      }),
      identifiers,
      capabilities: ['interaction'],
    }),
    signedFetch: createSignedFetch({
      ...shared,
      credentials: session.credentials,
      additionalComponentsFor: () => ['@query'],
    }),
    send: recorder.fetch,
    credentials: session.credentials,
    async during(names, action) {
      const before = recorder.exchanges.length;
      await action();
      return named(names, recorder.exchanges.slice(before));
    },
    async close() {
      session.stop();
      await recorder.close();
    },
  };
}

function named<Name extends string>(names: readonly Name[], exchanges: readonly Exchange[]): (name: Name) => Exchange {
  if (exchanges.length !== names.length) {
    const sent = exchanges.map(({ method, url, response }) => `${method} ${url.href} ${response?.status ?? ''}`);
    throw new Error(`Not what the guides tell (${names.join(', ')}) but this was sent:\n${sent.join('\n')}`);
  }
  return (name) => {
    const exchange = exchanges[names.indexOf(name)];
    if (!exchange) throw new Error(`There is no request called ${name}.`);
    return exchange;
  };
}

/** Approved while the agent's first poll is held, an enrolment is answered by that very poll. */
function pollOf({ exchanges }: Recorder): Promise<Exchange> {
  return waitFor(async () => exchanges.find(({ headers }) => headers.has('prefer')), {
    timeoutMs: 30_000,
    onTimeout: () => new Error('The agent does not poll for the decision on its enrolment.'),
  });
}
