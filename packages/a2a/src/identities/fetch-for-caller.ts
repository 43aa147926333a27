import type { AgentFetch, WorkFetch, WorkOptions } from '@aauth-stack/aauth/agent';
import { RequestError } from '@aauth-stack/aauth/errors';
import type { ForwardedPrincipal } from '@aauth-stack/aauth/resource';

export interface CallerFetches {
  /** Calls as this agent, for the person who approved it. */
  readonly asItself: Pick<AgentFetch, 'with'>;
  /** Calls for the persons of callers. */
  readonly forCallers: Pick<AgentFetch, 'withUpstream'>;
}

/**
 * Chooses for whom this agent calls on: for the caller's person where the caller presented a person or auth token, and as itself
 * where there is no person behind the caller that it knows of.
 *
 * The fetch returned throws RequestError `invalid_upstream_token` when the proxy does not pass the caller's token on. Calling as
 * itself instead would put this agent's own access in the place of the caller's.
 */
export function fetchForCaller(
  { asItself, forCallers }: CallerFetches,
  caller: ForwardedPrincipal,
  work: WorkOptions,
): WorkFetch {
  if (caller.level !== 'person' && caller.level !== 'authorized') return asItself.with(work);
  const { token } = caller;
  // One for all requests of the work: what a person allows once is for one piece of work.
  let forCaller: WorkFetch | undefined;
  return async (input, init) => {
    if (token === undefined) {
      const detail = "The proxy does not pass on the caller's token (forward_token), so nobody can be called for them.";
      throw new RequestError('invalid_upstream_token', detail);
    }
    forCaller ??= forCallers.withUpstream(token, work);
    return forCaller(input, init);
  };
}
