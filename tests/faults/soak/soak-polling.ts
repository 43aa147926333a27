import { createSignedFetch } from '@aauth-stack/aauth/agent';
import type { Clock } from '@aauth-stack/aauth/clock';
import { enrolAgent, type TestAgent } from '../../support/agent.ts';
import { authorize } from '../../support/authorized-agent.ts';
import { a2aMessage } from '../../support/raw-request.ts';
import { until } from '../../support/until.ts';
import type { Probe } from '../support/connect-probe.ts';
import type { Soaked } from './soak-proxy.ts';

/**
 * Polls requests that wait for the person, who never comes: so many times within so many seconds of the services' clocks. A request that
 * has expired is followed by another.
 */
export async function soakPolling(
  { probes, measured }: { probes: readonly Probe[]; measured: Probe },
  { polls, seconds, parts }: { polls: number; seconds: number; parts: number },
): Promise<Soaked & { requests: number }> {
  const soaked = {
    answered: 0,
    wrong: [] as string[],
    measured: [] as Awaited<ReturnType<Probe['measure']>>[],
    requests: 0,
  };
  let ahead = 0;
  const now: Clock = () => Date.now() / 1000 + ahead;
  const agent = await enrolAgent('Soak Test Agent', now);
  try {
    const fetch = createSignedFetch({ fetch: agent.fetch, credentials: agent.session.credentials, now });
    let location: URL | undefined;
    while (soaked.answered < polls) {
      ahead += seconds / polls;
      await Promise.all(probes.map((probe) => probe.moveClock(ahead)));
      if (!location) {
        location = await waitingRequest(agent, now);
        soaked.requests += 1;
      }
      const response = await fetch(location);
      const { error } = JSON.parse(await response.text()) as { error?: string };
      soaked.answered += 1;
      if (response.status === 408 && error === 'expired') location = undefined;
      else if (response.status !== 202) soaked.wrong.push(`${response.status} ${error}`);
      if (soaked.answered % Math.floor(polls / parts) === 0) soaked.measured.push(await measured.measure());
    }
  } finally {
    await agent.close();
  }
  return soaked;
}

/** Has a resource require what only the person can grant, and leaves the request with the Person Server. */
async function waitingRequest(agent: TestAgent, now: Clock): Promise<URL> {
  const { fetch, events } = authorize(agent, { now, capabilities: ['interaction'] });
  const leaving = new AbortController();
  const call = fetch('http://supply-chain-agent.localhost:3000/', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: a2aMessage('optimize laptop supply chain'),
    signal: leaving.signal,
  });
  // What it rejects with is that it was left.
  const failure = call.then(
    (response) => new Error(`The call was answered with ${response.status}.`),
    (reason: unknown) => reason,
  );
  try {
    return await until('the person to be asked', async () => {
      const deferred = events.find((event) => event.type === 'deferred');
      if (deferred) return deferred.pending.location;
      const ended = await Promise.race([failure, undefined]);
      if (ended) throw ended;
      return undefined;
    });
  } finally {
    leaving.abort();
  }
}
