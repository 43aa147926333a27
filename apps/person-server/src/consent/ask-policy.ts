import type { Clock } from '@aauth-stack/aauth/clock';
import { PolicyError } from '@aauth-stack/aauth/errors';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { tokenTypes } from '@aauth-stack/aauth/tokens';
import { attribute, currentSpan, spanEvent } from '@aauth-stack/telemetry';
import type { Database } from '../db/database.ts';
import type { AppContext, Step } from '../environment.ts';
import { recordDecision } from './decision-log.ts';
import { applyPolicy, type PolicyAnswer, type PolicyOptions, type PolicyQuestion } from './policy.ts';
import { explainReason } from './reasons.ts';

export interface AskPolicyOptions {
  db: Database;
  consent: PolicyOptions;
  now: Clock;
}

interface Question extends PolicyQuestion {
  readonly resource: ServerIdentifier;
}

/** Whether the agent may be told who the person is at a resource. 403 `user_unreachable` where the person has to be asked. */
export function askPolicyForPersonToken(options: AskPolicyOptions): Step {
  return async function askPolicyForPersonToken(c, next) {
    await settle(options, c, { tokenType: tokenTypes.person, resource: c.get('resource'), scope: [] });
    await next();
  };
}

/** Whether the agent may do what the resource token asks for. 403 `user_unreachable` where the person has to be asked. */
export function askPolicyForAuthToken(options: AskPolicyOptions): Step {
  return async function askPolicyForAuthToken(c, next) {
    const { issuer: resource, scope } = c.get('resourceToken');
    await settle(options, c, { tokenType: tokenTypes.auth, resource, scope });
    await next();
  };
}

// A grant is recorded together with its token.
async function settle({ db, consent, now }: AskPolicyOptions, c: AppContext, question: Question): Promise<void> {
  const answer = applyPolicy(consent, question);
  const granted = answer.answer === 'grant';
  currentSpan()?.addEvent(spanEvent.decision, {
    [attribute.result]: granted ? 'granted' : 'refused',
    [attribute.reason]: answer.reason,
    [attribute.tokenType]: question.tokenType,
    [attribute.resource]: question.resource,
    [attribute.agent]: c.get('agentToken').agent,
    [attribute.scope]: [...question.scope],
  });
  if (!granted) {
    await recordDecision(db, c, { ...question, outcome: 'refused', reason: answer.reason, decidedAt: now() });
    throw unreachable(question, answer);
  }
  c.set('grantedFor', answer.reason);
}

function unreachable({ resource }: Question, { reason, needsPerson }: PolicyAnswer): PolicyError {
  const scopes = needsPerson.length > 0 ? ` (${needsPerson.join(', ')})` : '';
  return new PolicyError(
    'user_unreachable',
    `The person has to be asked about ${resource}, and this Person Server has no way to ask. ${explainReason(reason)}${scopes}`,
  );
}
