import type { Clock } from '@aauth-stack/aauth/clock';
import { RequestError, UnavailableError } from '@aauth-stack/aauth/errors';
import type { Logger } from '@aauth-stack/service/logger';
import { attribute, currentSpan, spanEvent } from '@aauth-stack/telemetry';
import { type NewActivity, recordActivity, settleActivity } from '../activity/record.ts';
import type { Database } from '../db/database.ts';
import type { PersonSession } from '../session/person-session.ts';

export interface CarryOutOptions {
  db: Database;
  now: Clock;
  log: Logger;
}

/** What the person decides, and about what. */
export type Decision = Omit<NewActivity, 'personId' | 'via' | 'at' | 'outcome'>;

/**
 * Records what the person decided, carries it out, records how that ended: no decision is lost when this server stops in between.
 * Of two decisions on one enrolment the second is the Agent Provider's 409, here and on every replica.
 *
 * @param learned what is only known of the subject once it is done
 */
export async function carryOut<Result>(
  { db, now, log }: CarryOutOptions,
  { personId, via }: PersonSession,
  decision: Decision,
  act: () => Promise<Result>,
  learned: (result: Result) => { agentId?: string } = () => ({}),
): Promise<Result> {
  const entry = await recordActivity(db, { ...decision, personId, via, at: now(), outcome: 'sent' });
  const { kind, agentProvider, agentId, enrolmentId, jti } = decision;
  const facts = { decision: kind, agentProvider, agentId, enrolmentId, jti, via };
  try {
    const result = await act();
    await settleActivity(db, entry, { outcome: 'done', ...learned(result) });
    currentSpan()?.addEvent(spanEvent.decision, { [attribute.result]: kind });
    log.info(facts, `The person decided: ${kind}.`);
    return result;
  } catch (error) {
    const detail = error instanceof Error ? error.message : undefined;
    if (error instanceof RequestError) await settleActivity(db, entry, { outcome: 'refused', detail });
    if (error instanceof UnavailableError) await settleActivity(db, entry, { outcome: 'unanswered', detail });
    log.warn({ ...facts, err: error }, `The person decided: ${kind}. It could not be carried out.`);
    throw error;
  }
}
