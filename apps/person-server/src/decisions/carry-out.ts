import { RequestError, UnavailableError } from '@aauth-stack/aauth/errors';
import type { Logger } from '@aauth-stack/service/logger';
import { attribute, currentSpan, spanEvent } from '@aauth-stack/telemetry';
import type { PersonSession } from '../session/person-session.ts';
import type { DecisionStore, NewDecision } from './decision-store.ts';

export interface CarryOutOptions {
  decisions: DecisionStore;
  log: Logger;
}

export interface CarriedOut<Result> {
  decisionId: string;
  result: Result;
}

/**
 * Records what the person decided, carries it out, records how that ended. Of two decisions on one enrolment
 * the second is the Agent Provider's 409, here and on every replica.
 */
export async function carryOut<Result>(
  { decisions, log }: CarryOutOptions,
  session: PersonSession,
  decision: NewDecision,
  act: () => Promise<Result>,
): Promise<CarriedOut<Result>> {
  const decisionId = await decisions.record(session, decision);
  const facts = {
    decision: decision.kind,
    subject: decision.subject,
    agentProvider: decision.agentProvider,
    via: session.via,
  };
  try {
    const result = await act();
    await decisions.settle(decisionId, 'done');
    currentSpan()?.addEvent(spanEvent.decision, { [attribute.result]: decision.kind });
    log.info(facts, `The person decided: ${decision.kind}.`);
    return { decisionId, result };
  } catch (error) {
    if (error instanceof RequestError) await decisions.settle(decisionId, 'refused', error.message);
    if (error instanceof UnavailableError) await decisions.settle(decisionId, 'unanswered', error.message);
    log.warn({ ...facts, err: error }, `The person decided: ${decision.kind}. It could not be carried out.`);
    throw error;
  }
}
