import type { Pending } from '../deferred/poll.ts';
import type { Agent, SharedEvent } from './agent.ts';
import type { DeferredEvent } from './agent-events.ts';

/** How the polling of one pending request is reported. */
interface PendingReport {
  /** Turns its 202s into events: the first, and each that says something else than the one before. */
  readonly onPending: (pending: Pending) => void;
  /** Says that it is over, if anything was reported. */
  settle(): void;
}

export function reportPending(
  emit: (event: SharedEvent) => void,
  of: Pick<DeferredEvent, 'awaiting' | 'server'>,
): PendingReport {
  let last: string | undefined;
  return {
    onPending(pending) {
      const { status, requirement, body } = pending;
      const said = JSON.stringify([status, requirement, body]);
      if (said === last) return;
      last = said;
      emit({ type: 'deferred', ...of, pending });
    },
    settle() {
      if (last !== undefined) emit({ type: 'settled', ...of });
    },
  };
}

const usualWait = 600;
const longestWait = 24 * 60 * 60;
// Time for the server to say itself how the request has ended, and for clocks that disagree a little.
const grace = 10;

/** Until when a pending request is polled: `maxWait` if that is set, else as long as the server says that it keeps it (W10). */
export function pollDeadline({ now, maxWait }: Pick<Agent, 'now' | 'maxWait'>): (latest: Pending) => number {
  const started = now();
  return ({ expiresAt }) => {
    if (maxWait !== undefined) return started + maxWait;
    return expiresAt === undefined ? started + usualWait : Math.min(expiresAt + grace, started + longestWait);
  };
}
