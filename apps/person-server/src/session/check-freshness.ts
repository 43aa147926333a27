import type { PersonSession } from './person-session.ts';
import { SessionError } from './session-error.ts';

/** What may need the person to have signed in for it (`prompt=login`). */
export interface FreshnessNeed {
  readonly needsFreshSession: boolean;
  readonly createdAt: Date;
}

/**
 * Sees to it that the person has signed in since something was asked for, where the agent wants that. By bearer token they prove who
 * they are with each request.
 *
 * @throws SessionError `reauthentication_required`
 */
export function checkFreshness(session: PersonSession, { needsFreshSession, createdAt }: FreshnessNeed): void {
  if (!needsFreshSession || session.via === 'bearer' || session.openedAt >= createdAt) return;
  throw new SessionError('reauthentication_required', 'The agent wants you to sign in again before you decide.');
}
