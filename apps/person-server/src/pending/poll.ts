import { type PollPace, parsePrefer } from '@aauth-stack/aauth/deferred';
import type { Waiter } from '@aauth-stack/service/database';
import type { AppContext } from '../environment.ts';
import { type DeliverOptions, deliver } from './deliver.ts';
import { loadOwnRequest } from './load-own-request.ts';
import { type PendingResponseOptions, pendingRequestResponse } from './pending-response.ts';

/** The longest a poll is held, in seconds; proxies in front cut idle requests after 30 to 60. */
const maxWaitSeconds = 25;

export interface PollOptions extends DeliverOptions, PendingResponseOptions {
  waiter: Waiter;
  pace: PollPace;
}

/** GET /pending/{id}: how a request stands, for the agent that made it (AAuth Protocol, "Polling with GET"). */
export function pollPending(options: PollOptions) {
  const { waiter, pace, now, log } = options;
  return async (c: AppContext): Promise<Response> => {
    const first = await loadOwnRequest(options, c);
    pace.check(first.id);
    const left = first.expiresAt.getTime() / 1000 - now();
    const seconds = Math.min(parsePrefer(c.req.header('prefer')) ?? 0, maxWaitSeconds, Math.max(0, left));
    // What the person has asked is for the agent to answer, not to wait for.
    const isHeld = first.decidedAt === null && first.status !== 'clarifying' && seconds > 0;
    if (isHeld) log.debug({ pending: first.id, seconds }, `poll of ${c.req.path} is held`);
    const changed = await waiter.until(
      first.id,
      async () => {
        const request = await loadOwnRequest(options, c);
        return request.decidedAt === null && request.status === first.status ? undefined : request;
      },
      { timeoutMs: isHeld ? seconds * 1000 : 0, signal: c.req.raw.signal },
    );
    const request = changed ?? (isHeld ? await loadOwnRequest(options, c) : first);
    if (request.decidedAt !== null) return c.json(await deliver(options, request, c.get('agentToken')));
    pace.note(request.id);
    return pendingRequestResponse(options, request);
  };
}
