import { randomUUID } from 'node:crypto';
import { createAgentFetch, createAgentSession } from '@aauth-stack/aauth/agent';
import { systemClock } from '@aauth-stack/aauth/clock';
import { createDiscovery } from '@aauth-stack/aauth/discovery';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createEgressFetch, nodeKeys } from '@aauth-stack/aauth/node';
import type { TestAgent } from '../../support/agent.ts';
import { asPerson } from '../../support/person.ts';

/** What goes on all the time: a name, and one request or a few that belong together, which throw when they fail. */
export interface Task {
  name: string;
  once: () => Promise<unknown>;
}

export interface Load {
  /** How often each task has been done. */
  done(): ReadonlyMap<string, number>;
  /** Why tasks failed. */
  failures(): readonly string[];
  /** Ends it. Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

/** Does each task again and again, one after the other. */
export function startLoad(tasks: readonly Task[]): Load {
  const done = new Map(tasks.map(({ name }) => [name, 0]));
  const failures: string[] = [];
  let isOver = false;
  const workers = tasks.map(async ({ name, once }) => {
    while (!isOver) {
      try {
        await once();
        done.set(name, (done.get(name) ?? 0) + 1);
      } catch (error) {
        failures.push(`${name}: ${describe(error)}`);
      }
    }
  });
  return {
    done: () => done,
    failures: () => failures,
    async stop() {
      isOver = true;
      await Promise.all(workers);
    },
  };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${describe(error.cause)})`;
}

const identifiers = { allowLoopback: true };
const personServer = parseServerIdentifier('http://person-server.localhost:8765', identifiers);
const provider = parseServerIdentifier('http://agent-provider.localhost:8766', identifiers);
/** Needs an auth token, and little work. */
export const page = 'http://market-analysis-agent.localhost:3000/agent/authenticatedExtendedCard';

/** Reads what needs an auth token, with one that is held, or each time with one that it gets for that. */
export function readerOf(agent: TestAgent, name: string, { isFresh }: { isFresh: boolean }): Task {
  const create = () =>
    createAgentFetch({
      fetch: agent.fetch,
      credentials: agent.session.credentials,
      personServer,
      discovery: createDiscovery({
        fetch: createEgressFetch(identifiers),
        identifiers,
        keys: nodeKeys,
        now: systemClock,
      }),
      identifiers,
      keys: nodeKeys,
      now: systemClock,
      // Requests of the same second are told apart.
      nonce: randomUUID,
    });
  const held = create();
  return {
    name,
    async once() {
      const response = await (isFresh ? create() : held)(page);
      const text = await response.text();
      if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
    },
  };
}

/** Starts anew as an agent does that has its stable key and nothing else: gets an agent token. */
export function starterOf(agent: TestAgent, name: string): Task {
  return {
    name,
    async once() {
      const complaints: unknown[] = [];
      const complain = (fields: object, text?: string) => void complaints.push({ ...fields, text });
      const session = createAgentSession({
        provider,
        agentName: agent.agentName,
        stableKey: agent.stableKey,
        fetch: agent.fetch,
        keys: nodeKeys,
        now: systemClock,
        log: { info() {}, warn: complain, error: complain },
      });
      session.start();
      await session.ready;
      session.stop();
      // It would have tried again by itself.
      if (complaints.length > 0) throw new Error(JSON.stringify(complaints[0]));
    },
  };
}

/** Looks at the portal, for which the Person Server asks the Agent Provider. */
export const portalReader: Task = { name: 'portal', once: () => asPerson('/person/bindings') };
