import type { Clock } from '@aauth-stack/aauth/clock';
import type { Logger } from '@aauth-stack/service/logger';
import { and, eq, gte, isNull, or, sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { pendingRequests } from '../db/schema.ts';
import { endPending, isOpen } from '../pending/pending-requests.ts';
import { createFailureCount } from '../session/failure-count.ts';
import type { PersonSession } from '../session/person-session.ts';

/** Wrong codes after which a request that could have been meant has failed. */
const wrongCodesAllowed = 10;

export interface CodeGuesser {
  readonly session: PersonSession;
  /** Network address. */
  readonly address: string;
}

/** Keeps codes from being guessed (AAuth Protocol, "Interaction Code Format": rate-limiting). */
export interface WrongCodes {
  /** Whether somebody has used up their attempts. */
  isExceeded(guesser: CodeGuesser): Promise<boolean>;
  /** Counts a wrong code against whoever sent it, and against every request that it could have been meant to open. */
  record(guesser: CodeGuesser): Promise<void>;
}

export function createWrongCodes(options: { db: Database; now: Clock; log: Logger }): WrongCodes {
  const { db, now, log } = options;
  const bySession = createFailureCount('interaction-code session', options);
  const byAddress = createFailureCount('interaction-code address', options);
  return {
    isExceeded: async ({ session, address }) => {
      const waits = await Promise.all([bySession.secondsToWait(session.id), byAddress.secondsToWait(address)]);
      return waits.some((wait) => wait !== undefined);
    },

    record: async ({ session, address }) => {
      await Promise.all([bySession.record(session.id), byAddress.record(address)]);
      const time = now();
      const failed = await db.transaction(async (tx) => {
        const couldBeMeant = and(
          isOpen(time),
          isNull(pendingRequests.openedBy),
          or(isNull(pendingRequests.personId), eq(pendingRequests.personId, session.personId)),
        );
        await tx
          .update(pendingRequests)
          .set({ wrongCodes: sql`${pendingRequests.wrongCodes} + 1` })
          .where(couldBeMeant);
        const tooOften = and(couldBeMeant, gte(pendingRequests.wrongCodes, wrongCodesAllowed));
        return endPending(tx, tooOften, { status: 'failed', outcome: 'invalid_code', time });
      });
      log.warn({ address, via: session.via, failed }, 'A wrong interaction code was refused.');
    },
  };
}
