import type { Clock } from '@aauth-stack/aauth/clock';
import { PolicyError } from '@aauth-stack/aauth/errors';
import { type IssuedToken, tokenTypes } from '@aauth-stack/aauth/tokens';
import { attribute, currentSpan, spanEvent } from '@aauth-stack/telemetry';
import { recordProfile } from '../agents/ownership.ts';
import { noteConsentUse } from '../consent/consents.ts';
import { recordDecision } from '../consent/decision-log.ts';
import { type Judgement, type JudgeOptions, judge } from '../consent/judge.ts';
import { explainReason } from '../consent/reasons.ts';
import type { Database } from '../db/database.ts';
import type { AppContext } from '../environment.ts';
import { type OpenRequestOptions, openRequest } from '../pending/open-request.ts';
import { type PendingResponseOptions, pendingRequestResponse } from '../pending/pending-response.ts';
import type { Issuance } from '../tokens/issuance.ts';
import type { TokenQuestion } from '../tokens/question.ts';

export interface AnswerOptions extends JudgeOptions, OpenRequestOptions, PendingResponseOptions {
  db: Database;
  issuance: Issuance;
  now: Clock;
}

/**
 * Answers a request for a token that has passed the checks: with the token, where the policy or a consent on record grants it, else
 * with a pending request that the person decides. 403 `user_unreachable` where they cannot be asked.
 */
export function answerTokenRequest(options: AnswerOptions, read: (c: AppContext) => TokenQuestion) {
  return async (c: AppContext): Promise<Response> => {
    const [question, request, personId] = [read(c), c.get('tokenRequest'), c.get('personId')];
    const { prompt, platform, device } = request;
    if (platform !== undefined || device !== undefined) {
      await recordProfile(options.db, {
        agentProvider: question.agent.provider,
        agentId: question.agent.id,
        platform,
        device,
      });
    }
    for (;;) {
      const judgement = await judge(options, question, { personId, prompt, time: options.now() });
      const reason = judgement.answer === 'ask' ? cannotAsk(question, judgement, c) : undefined;
      trace(question, judgement, reason !== undefined);
      if (judgement.answer === 'ask') {
        if (reason !== undefined) {
          await noteRefusal(options, question, judgement, personId);
          throw new PolicyError('user_unreachable', reason);
        }
        const pending = await openRequest(options, { question, judgement, prompt, request, personId });
        return pendingRequestResponse(options, pending);
      }
      if (personId === undefined) throw new TypeError('Something was granted in the name of nobody.');
      const issued = await issueOn(options, question, judgement, personId);
      if (issued) return c.json(tokenBody(question.type, issued));
    }
  };
}

/** What an agent that gets a token is told. */
export function tokenBody(type: TokenQuestion['type'], { token, claims }: IssuedToken<object>) {
  const member = type === tokenTypes.person ? 'person_token' : 'auth_token';
  return { [member]: token, expires_in: claims.exp - claims.iat };
}

class ConsentGone extends Error {}

// Undefined when the consent was withdrawn, or used up by another request, since it was found.
async function issueOn(
  { issuance, now }: AnswerOptions,
  question: TokenQuestion,
  { consent, scope, reason }: Extract<Judgement, { answer: 'grant' }>,
  personId: string,
) {
  try {
    return await issuance.issue(question, { personId, scope, reason }, async (tx, issued) => {
      if (!consent) return;
      const use = { once: consent.once, time: now(), until: issued.expiresAt };
      if (!(await noteConsentUse(tx, consent.id, use))) throw new ConsentGone();
    });
  } catch (error) {
    if (error instanceof ConsentGone) return undefined;
    throw error;
  }
}

function cannotAsk(
  { resource }: TokenQuestion,
  { reason, needsPerson }: Extract<Judgement, { answer: 'ask' }>,
  c: AppContext,
): string | undefined {
  const { prompt, capabilities } = c.get('tokenRequest');
  const why = `The person has to be asked about ${resource}`;
  const scopes = needsPerson.length > 0 ? ` (${needsPerson.join(', ')})` : '';
  const explanation = `${explainReason(reason)}${scopes}`;
  if (prompt.none) return `${why}, and "prompt" says not to ask. ${explanation}`;
  if (capabilities.includes('interaction')) return undefined;
  return `${why}, and there is no way to ask: the agent's capabilities do not include interaction. ${explanation}`;
}

async function noteRefusal(
  { db, now }: AnswerOptions,
  question: TokenQuestion,
  { reason }: Extract<Judgement, { answer: 'ask' }>,
  personId: string | undefined,
): Promise<void> {
  if (personId === undefined) return;
  const decision = { outcome: 'refused', reason, scope: question.scope, decidedAt: now() } as const;
  await recordDecision(db, question, personId, decision);
}

function trace(question: TokenQuestion, judgement: Judgement, refused: boolean): void {
  const answered = judgement.answer === 'grant' ? 'granted' : 'asked';
  currentSpan()?.addEvent(spanEvent.decision, {
    [attribute.result]: refused ? 'refused' : answered,
    [attribute.reason]: judgement.reason,
    [attribute.tokenType]: question.type,
    [attribute.resource]: question.resource,
    [attribute.agent]: question.agent.id,
    [attribute.scope]: [...question.scope],
  });
}
