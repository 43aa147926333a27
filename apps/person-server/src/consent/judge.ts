import type { Database } from '../db/database.ts';
import type { TokenQuestion } from '../tokens/question.ts';
import { findConsent, type StandingConsent } from './consents.ts';
import { type AskReason, applyPolicy, type PolicyOptions } from './policy.ts';

/** What an agent wants of the person beside the token (`prompt`, OpenID Connect Core §3.1.2.1). */
export interface Prompt {
  /** They are not to be asked. */
  readonly none: boolean;
  /** They are to sign in anew and be asked. */
  readonly login: boolean;
  /** They are to be asked, whatever they have said before. */
  readonly consent: boolean;
}

/** Whether a token is granted, on which consent if not by the policy, or whether the person is to be asked. */
export type Judgement =
  | {
      readonly answer: 'grant';
      readonly scope: readonly string[];
      readonly reason: 'standing-policy';
      readonly consent?: undefined;
    }
  | {
      readonly answer: 'grant';
      readonly scope: readonly string[];
      readonly reason: StandingConsent['reason'];
      readonly consent: StandingConsent;
    }
  | {
      readonly answer: 'ask';
      readonly reason: AskReason;
      readonly needsPerson: readonly string[];
      /** Whether the person's answer can stand for later requests. */
      readonly mayBeRemembered: boolean;
    };

export interface JudgeOptions {
  db: Database;
  /** The policy of a person; the deployment's for an agent that is nobody's yet. */
  policyOf(personId: string | undefined): Promise<PolicyOptions>;
}

/**
 * Answers a question by the person's policy and what they have agreed to before.
 *
 * @param personId undefined when the agent is nobody's yet: no policy speaks for it
 */
export async function judge(
  { db, policyOf }: JudgeOptions,
  question: TokenQuestion,
  { personId, prompt, time }: { personId: string | undefined; prompt: Prompt; time: number },
): Promise<Judgement> {
  const answer = applyPolicy(await policyOf(personId), { tokenType: question.type, scope: question.scope });
  const { needsPerson } = answer;
  if (prompt.login || prompt.consent) {
    return { answer: 'ask', reason: 'agent-asks', needsPerson, mayBeRemembered: false };
  }
  if (personId === undefined) {
    const reason = answer.answer === 'ask' ? answer.reason : 'first-use-asks';
    return { answer: 'ask', reason, needsPerson, mayBeRemembered: isRememberable(reason) };
  }
  // The person has to go there anyway, and is asked when they are back.
  if (question.interaction) {
    const reason = answer.answer === 'ask' ? answer.reason : 'first-use-asks';
    return { answer: 'ask', reason, needsPerson, mayBeRemembered: isRememberable(reason) };
  }
  if (answer.answer === 'grant') return { answer: 'grant', scope: question.scope, reason: answer.reason };
  const { reason } = answer;
  const mayBeRemembered = isRememberable(reason);
  const standing = await findConsent(db, question, personId, { time, remembered: mayBeRemembered });
  if (standing) return { answer: 'grant', scope: standing.scope, reason: standing.reason, consent: standing };
  return { answer: 'ask', reason, needsPerson, mayBeRemembered };
}

// Nobody can let stand for later what nobody has named.
function isRememberable(reason: AskReason): boolean {
  return reason === 'first-use-asks' || reason === 'scope-needs-person';
}
