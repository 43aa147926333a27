import { poll } from '../deferred/poll.ts';
import { isKnownRequirement, parseRequirement } from '../requirement.ts';
import { discardBody } from '../response-body.ts';
import type { Call } from './call.ts';
import { createClarifier } from './clarification.ts';
import { readDemand, resourceTokenOf, tellChallenge } from './demands.ts';
import { pollDeadline, reportPending } from './pending-events.ts';
import { publishedComponents } from './plan.ts';
import type { Remedies } from './remedies.ts';
import { bufferResourceRequest } from './resource-request.ts';
import { type Standing, signerOf } from './standing.ts';

// Seconds that a poll asks to be held.
const pollWait = 30;

/**
 * Waits for a call that the resource holds (AAuth Protocol, "Deferred Delivery", "Deferred Responses"): polls with what was
 * presented, does the exchange when that is what the resource waits for, and presents the auth token from then on. A token that runs
 * out meanwhile is renewed, for the same key.
 *
 * @returns the call's own response; the 202 itself when it is no deferred response of AAuth, or waits for something that the agent
 *   has not said it can do
 * @throws DeferredError or PeerError when the resource ends the call: `gone` when it knows of it no more; `expired` also when it has been
 *   waited for long enough
 */
export async function awaitHeldCall(
  call: Call,
  remedies: Remedies,
  standing: Standing,
  response: Response,
): Promise<Response> {
  const { agent, request, resource, metadata, capabilities, emit } = call;
  const requirement = parseRequirement(response.headers.get('aauth-requirement'));
  if (!requirement || !isAwaitable(requirement.requirement, capabilities)) return response;
  let presenting = standing;
  let answered: string | undefined;
  let isSettled = false;

  async function send(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const buffered = await bufferResourceRequest(call, input, init);
    return agent.exchange(buffered, signerOf(presenting), publishedComponents(metadata, buffered));
  }

  async function sendRenewed(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    for (;;) {
      const response = await send(input, init);
      const demand = readDemand(call, presenting, response);
      const next = demand && (await remedies.meet(demand, presenting));
      if (!next) return response;
      await discardBody(response);
      presenting = next;
    }
  }

  const of = { awaiting: 'response', server: resource } as const;
  const report = reportPending(emit, of);
  const clarify = createClarifier({
    handler: call.onClarification,
    resource,
    of,
    signal: request.signal,
    emit,
    send: (url, init) => send(url, { ...init, signal: request.signal, redirect: 'manual' }),
  });
  try {
    return await poll(sendRenewed, response, {
      now: agent.now,
      sleep: agent.sleep,
      deadline: pollDeadline(agent),
      signal: request.signal,
      wait: pollWait,
      url: request.url,
      onPending: report.onPending,
      async satisfy(pending) {
        await clarify(pending);
        const { requirement } = pending;
        if (isSettled || requirement?.requirement !== 'auth-token') return false;
        const resourceToken = resourceTokenOf(call, requirement);
        if (resourceToken === answered) return false;
        answered = resourceToken;
        tellChallenge(call, 202, requirement);
        const next = await remedies.meet({ wants: 'auth-token', resourceToken }, presenting);
        if (!next) return false;
        presenting = next;
        // With the auth token presented, what is left is the resource's to do.
        isSettled = next.level === 'auth';
        return true;
      },
    });
  } finally {
    report.settle();
  }
}

// An unknown requirement may be followed by one that is known (AAuth Protocol, "Requirement Values").
function isAwaitable(requirement: string, capabilities: readonly string[]): boolean {
  if (requirement === 'interaction' || requirement === 'clarification') return capabilities.includes(requirement);
  return requirement === 'auth-token' || requirement === 'approval' || !isKnownRequirement(requirement);
}
