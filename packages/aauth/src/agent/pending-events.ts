import type { Pending } from '../deferred/poll.ts';
import type { SharedEvent } from './agent.ts';
import type { DeferredEvent } from './agent-events.ts';

/** Turns the 202s of one pending request into events: the first, and each that says something else than the one before. */
export function reportPending(
  emit: (event: SharedEvent) => void,
  of: Pick<DeferredEvent, 'awaiting' | 'server'>,
): (pending: Pending) => void {
  let last: string | undefined;
  return (pending) => {
    const { status, requirement, body } = pending;
    const said = JSON.stringify([status, requirement, body]);
    if (said === last) return;
    last = said;
    emit({ type: 'deferred', ...of, pending });
  };
}
