import { DeferredError, RequestError } from '@aauth-stack/aauth/errors';
import type { Logger } from '@aauth-stack/service/logger';
import { and, eq } from 'drizzle-orm';
import { invalidResourceToken } from '../auth-tokens/resource-token-error.ts';
import type { JudgeOptions } from '../consent/judge.ts';
import { applyPolicy } from '../consent/policy.ts';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { pendingRequests } from '../db/schema.ts';
import type { AppContext, Step } from '../environment.ts';
import { loadOwnRequest } from '../pending/load-own-request.ts';
import { noteRequest } from '../pending/note-request.ts';
import { announcePending, isOpen, type PendingRequest } from '../pending/pending-requests.ts';
import { type PendingResponseOptions, pendingRequestResponse } from '../pending/pending-response.ts';
import type { SettleOptions } from '../pending/settle-by-consent.ts';
import { tokenRequestOf } from '../token-requests/parameters.ts';
import { type ClarificationAnswer, parseAnswer } from './answer-body.ts';
import { recordAnswer } from './clarifications.ts';

export interface AnswerQuestionOptions extends SettleOptions, PendingResponseOptions {
  db: Database;
  policyOf: JudgeOptions['policyOf'];
  /** What a resource token and a presented token have to pass. */
  exchangeChecks: readonly Step[];
  log: Logger;
}

type Changes = Partial<typeof pendingRequests.$inferInsert>;

/** POST /pending/{id}: the agent answers what the person has asked, or asks for something else instead. */
export function answerQuestion(options: AnswerQuestionOptions) {
  const { db, now, log } = options;
  return async (c: AppContext): Promise<Response> => {
    const answer = parseAnswer(c);
    const request = await loadOwnRequest(options, c);
    if (request.decidedAt !== null) throw ended();
    if (request.status !== 'clarifying') throw new RequestError('invalid_request', 'The person has asked nothing.');
    const changes = answer.action === 'updated_request' ? await readUpdate(options, c, request, answer) : {};
    const time = now();
    const answered = await db.transaction(async (tx) => {
      const [row] = await tx
        .update(pendingRequests)
        .set({ ...changes, status: 'interacting' })
        .where(and(eq(pendingRequests.id, request.id), eq(pendingRequests.status, 'clarifying'), isOpen(time)))
        .returning();
      if (!row) throw ended();
      const updatedRequest = answer.action === 'updated_request';
      const words = updatedRequest ? answer.justification : answer.answer;
      await recordAnswer(tx, row.id, { answer: words, updatedRequest, time });
      await noteRequest(tx, row, {
        kind: 'question-answered',
        at: time,
        ...(words !== undefined && { justification: words }),
        ...(updatedRequest && { detail: 'It asks for something else now.' }),
      });
      await announcePending(tx, [row.id]);
      return row;
    });
    log.info({ pending: request.id, action: answer.action }, `${request.agentId} answered the person's question`);
    return pendingRequestResponse(options, answered);
  };
}

// The same agent, with the same key, asks the same resource about the same account; only the scope may differ (AAuth Protocol,
// "Updated Request", which says less).
async function readUpdate(
  { exchangeChecks, policyOf }: AnswerQuestionOptions,
  c: AppContext,
  request: PendingRequest,
  { resourceToken, presentedToken, justification }: Extract<ClarificationAnswer, { action: 'updated_request' }>,
): Promise<Changes> {
  if (request.type !== 'aa-auth+jwt') {
    throw new RequestError('invalid_request', 'A request for a person token has no resource token to replace.');
  }
  c.set('authTokenParameters', { resourceToken, presentedToken });
  c.set('tokenRequest', tokenRequestOf({}));
  c.set('personId', request.personId ?? undefined);
  for (const check of exchangeChecks) await check(c, async () => {});
  const [{ issuer, agentJkt, scope, account, tenant }, presented] = [c.get('resourceToken'), c.get('presented').token];
  const kept = [
    { claim: 'iss', expected: request.resource, received: issuer },
    { claim: 'agent_jkt', expected: request.jkt, received: agentJkt },
    { claim: 'account', expected: request.account ?? undefined, received: account },
    { claim: 'tenant', expected: request.tenant ?? undefined, received: tenant ?? request.tenant ?? undefined },
  ];
  const mismatch = kept.find(({ expected, received }) => expected !== received);
  if (mismatch) throw invalidResourceToken(`An updated request keeps ${mismatch.claim} as it was.`, mismatch);
  const policy = await policyOf(request.personId ?? undefined);
  const { answer, reason, needsPerson } = applyPolicy(policy, { tokenType: request.type, scope });
  return {
    scope: [...scope],
    needsPerson: [...needsPerson],
    ...(answer === 'ask' && request.reason !== 'agent-asks' && { reason }),
    presentedJti: presented.jti,
    presentedExpiresAt: toDate(presented.expiresAt),
    expiresAt: toDate(Math.min(presented.expiresAt, request.expiresAt.getTime() / 1000)),
    ...(justification !== undefined && { justification }),
  };
}

function ended(): DeferredError {
  return new DeferredError('gone', 'This request is decided; there is nothing to answer any more.');
}
