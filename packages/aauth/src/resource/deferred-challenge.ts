import { type PendingResponse, pendingResponse } from '../deferred/pending-response.ts';
import type { AgentIdentifier, ServerIdentifier } from '../identifiers.ts';
import type { Thumbprint } from '../keys/types.ts';

/**
 * The 202 form of the demand for an auth token: the resource keeps the call, and the agent polls `location` presenting the auth
 * token it got for `resourceToken` (AAuth Protocol, "Deferred Delivery"). A later poll may be answered with a fresh resource token.
 * Holds nothing itself. Whoever keeps the call runs it on the first poll that presents a valid auth token of the
 * {@link isSameCaller same caller}, keeps the result by that token's `jti` until its `exp`, repeats it for the same token, and
 * answers 404 to anybody else.
 *
 * @param options.resourceToken the compact token, from `challenge.resourceToken` of a refused verdict
 * @param options.retryAfter seconds; default 5
 * @returns the 202, to be sent as it is
 * @throws TypeError when `retryAfter` is not a whole number of seconds
 */
export function deferredChallenge(options: {
  readonly location: string;
  readonly resourceToken: string;
  readonly retryAfter?: number;
}): PendingResponse {
  const { location, resourceToken, retryAfter } = options;
  const requirement = { requirement: 'auth-token', parameters: { 'resource-token': resourceToken } } as const;
  return pendingResponse({ location, retryAfter, requirement });
}

/**
 * What makes a caller the same one as before: the key it signs with, and whom it acts for if it presented a person or auth token, or
 * else who it is. Verified and forwarded principals are callers.
 */
export interface Caller {
  readonly jkt: Thumbprint;
  readonly agent?: AgentIdentifier | undefined;
  readonly personServer?: ServerIdentifier | undefined;
  readonly subject?: string | undefined;
}

/**
 * Whether two requests come from the same key for the same person, or agent (AAuth Protocol, "Pending URL Security": who may poll).
 * Never throws.
 *
 * @param one a caller
 * @param other another request's
 * @returns `false` also where one presented a person and the other did not
 */
export function isSameCaller(one: Caller, other: Caller): boolean {
  return (
    one.jkt === other.jkt &&
    one.personServer === other.personServer &&
    one.subject === other.subject &&
    one.agent === other.agent
  );
}
