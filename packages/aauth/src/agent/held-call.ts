import { poll } from '../deferred/poll.ts';
import { isKnownRequirement, parseRequirement } from '../requirement.ts';
import type { Call } from './call.ts';
import { resourceTokenOf, tellChallenge } from './demands.ts';
import { reportPending } from './pending-events.ts';
import { publishedComponents } from './plan.ts';
import type { Remedies } from './remedies.ts';
import { bufferResourceRequest } from './resource-request.ts';
import { type Standing, signerOf } from './standing.ts';

/**
 * Waits for a call that the resource holds (AAuth Protocol, "Deferred Delivery", "Deferred Responses"): polls with what was
 * presented, does the exchange when that is what the resource waits for, and presents the auth token from then on.
 *
 * @returns the call's own response; the 202 itself when it is no deferred response of AAuth, or waits for something that the agent
 *   has not said it can do
 * @throws DeferredError or PeerError when the resource ends the call; `expired` also after `maxWait`
 */
export async function awaitHeldCall(
  call: Call,
  remedies: Remedies,
  standing: Standing,
  response: Response,
): Promise<Response> {
  const { agent, request, resource, metadata, emit } = call;
  const requirement = parseRequirement(response.headers.get('aauth-requirement'));
  if (!requirement || !isAwaitable(requirement.requirement, agent.capabilities)) return response;
  let presenting = standing;
  let answered: string | undefined;
  let isSettled = false;
  return poll(
    async (input, init) => {
      const poll = await bufferResourceRequest(agent, input, init);
      return agent.exchange(poll, signerOf(presenting), publishedComponents(metadata, poll));
    },
    response,
    {
      now: agent.now,
      sleep: agent.sleep,
      deadline: agent.now() + agent.maxWait,
      signal: request.signal,
      url: request.url,
      onPending: reportPending(emit, { awaiting: 'response', server: resource }),
      async satisfy({ requirement }) {
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
    },
  );
}

// An unknown requirement may be followed by one that is known (AAuth Protocol, "Requirement Values").
function isAwaitable(requirement: string, capabilities: readonly string[]): boolean {
  if (requirement === 'interaction' || requirement === 'clarification') return capabilities.includes(requirement);
  return requirement === 'auth-token' || requirement === 'approval' || !isKnownRequirement(requirement);
}
