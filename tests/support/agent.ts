import { type AgentSession, createAgentSession } from '@aauth-stack/aauth/agent';
import { type Clock, systemClock } from '@aauth-stack/aauth/clock';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { type SigningKey, thumbprintUri } from '@aauth-stack/aauth/keys';
import { createHttpFetch, type HttpFetch, nodeKeys } from '@aauth-stack/aauth/node';
import { asPerson } from './person.ts';
import { until } from './until.ts';

const silent = { info() {}, warn() {}, error() {} };

export interface TestAgent {
  agentName: string;
  stableKey: SigningKey;
  session: AgentSession;
  fetch: HttpFetch;
  close(): Promise<void>;
}

/** A new agent of the running stack, enrolled with keys of its own and approved as a person would. */
export async function enrolAgent(agentName: string, now: Clock = systemClock): Promise<TestAgent> {
  const stableKey = await nodeKeys.signingKey(await nodeKeys.generate('Ed25519'));
  const fetch = createHttpFetch({});
  const session = createAgentSession({
    provider: parseServerIdentifier('http://agent-provider.localhost:8766', { allowLoopback: true }),
    agentName,
    stableKey,
    fetch,
    keys: nodeKeys,
    now,
    log: silent,
  });
  session.start();
  await approve(thumbprintUri(stableKey.thumbprint));
  await session.ready;
  return {
    agentName,
    stableKey,
    session,
    fetch,
    async close() {
      session.stop();
      await fetch.close();
    },
  };
}

/** Approves the enrolment of a key, as soon as it is there. */
export async function approve(stableJkt: string): Promise<void> {
  const id = await until(`the enrolment of ${stableJkt}`, async () => {
    const registrations = await asPerson<Array<{ id: string; stable_jkt: string }>>('/person/registrations');
    return registrations.find(({ stable_jkt }) => stable_jkt === stableJkt)?.id;
  });
  await asPerson(`/person/registrations/${id}/approve`, { method: 'POST' });
}
