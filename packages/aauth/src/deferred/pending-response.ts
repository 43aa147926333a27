import { formatRequirement, type RequirementInit } from '../requirement.ts';

/** What a pending request may say of itself; `interacting` once the person has arrived. Readers take anything else for `pending`. */
export type PendingStatus = 'pending' | 'interacting';

/** What a pending response says. */
export interface PendingResponseInit {
  /** URL that the agent polls: relative, or absolute on the origin that answers. */
  readonly location: string;
  /** Seconds until the first poll. Default 5. */
  readonly retryAfter?: number;
  /** Default `pending`. */
  readonly status?: PendingStatus;
  /** What the agent is to do meanwhile. */
  readonly requirement?: RequirementInit;
  /** Further members of the body, for instance `expires_at`. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** A 202, ready for any HTTP server to send. */
export interface PendingResponse {
  readonly status: 202;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body: string;
}

/**
 * Makes a pending response (AAuth Protocol, "Pending Response").
 *
 * @param init where it is polled, and what is asked for meanwhile
 * @returns status, headers and body, to be sent as they are
 * @throws `TypeError` when `retryAfter` is not a whole number of seconds
 */
export function pendingResponse(init: PendingResponseInit): PendingResponse {
  const { location, retryAfter = 5, status = 'pending', requirement, members } = init;
  if (!Number.isSafeInteger(retryAfter) || retryAfter < 0) {
    throw new TypeError(`retryAfter must be a whole number of seconds, not ${retryAfter}.`);
  }
  return {
    status: 202,
    headers: {
      location,
      'retry-after': String(retryAfter),
      'cache-control': 'no-store',
      'content-type': 'application/json',
      ...(requirement && { 'aauth-requirement': formatRequirement(requirement) }),
    },
    body: JSON.stringify({ ...members, status }),
  };
}
