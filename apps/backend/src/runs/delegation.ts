import type { Delegation } from '../agents/activities.ts';
import { subjectOf } from '../sign-in/user.ts';

/** For whom the agents act in a run. */
export function delegationOf(owner: string): Delegation {
  return { sub: subjectOf(owner), aud: 'a2a-agent', scope: 'supply-chain:optimize', act: null };
}
