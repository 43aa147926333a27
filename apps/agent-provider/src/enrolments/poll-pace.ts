import type { Clock } from '@aauth-stack/aauth/clock';
import { LimitError } from './limits.ts';

/** Half of what `Retry-After` asks for: whoever follows it never meets this. */
const minInterval = 1;
const slowDownSeconds = 5;

/**
 * Makes who polls one enrolment again within a second wait. Only a pace, so each replica keeps its own.
 */
export function createPollPace({ now, maxRemembered }: { now: Clock; maxRemembered: number }) {
  const answered = new Map<string, number>();
  return {
    /** @throws LimitError `slow_down` */
    check(enrolmentId: string): void {
      const last = answered.get(enrolmentId);
      if (last !== undefined && now() - last < minInterval) {
        throw new LimitError(
          'slow_down',
          `This enrolment was polled less than ${minInterval} s ago; heed Retry-After.`,
          slowDownSeconds,
        );
      }
    },
    /** Notes that a poll has just been told to come back later. */
    note(enrolmentId: string): void {
      answered.delete(enrolmentId);
      answered.set(enrolmentId, now());
      const [oldest] = answered.keys();
      if (answered.size > maxRemembered && oldest !== undefined) answered.delete(oldest);
    },
  };
}

export type PollPace = ReturnType<typeof createPollPace>;
