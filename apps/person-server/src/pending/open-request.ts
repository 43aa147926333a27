import type { Clock } from '@aauth-stack/aauth/clock';
import { RateLimitError } from '@aauth-stack/aauth/errors';
import type { Logger } from '@aauth-stack/service/logger';
import { traceParent } from '@aauth-stack/telemetry';
import { sql } from 'drizzle-orm';
import { recordDecision } from '../consent/decision-log.ts';
import type { Judgement, Prompt } from '../consent/judge.ts';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import type { InteractionCodes } from '../interaction/interaction-code.ts';
import type { TokenRequest } from '../token-requests/parameters.ts';
import type { TokenQuestion } from '../tokens/question.ts';
import { countOpen, insertPending, type PendingRequest } from './pending-requests.ts';

/** Requests of one agent that may wait for the person at one time. */
const maxOpenPerAgent = 20;
const retryAfterSeconds = 30;

export interface OpenRequestOptions {
  db: Database;
  codes: InteractionCodes;
  /** Seconds that a request waits for the person. */
  pendingLifetime: number;
  now: Clock;
  log: Logger;
}

export interface AskedRequest {
  readonly question: TokenQuestion;
  readonly judgement: Extract<Judgement, { answer: 'ask' }>;
  readonly prompt: Prompt;
  readonly request: TokenRequest;
  /** Undefined when the agent is nobody's yet. */
  readonly personId: string | undefined;
}

/**
 * Keeps a request until the person has decided, but no longer than what its token would rest on.
 *
 * @throws RateLimitError `rate_limited` when too many of the agent's requests wait already
 */
export async function openRequest(options: OpenRequestOptions, asked: AskedRequest): Promise<PendingRequest> {
  const { db, codes, pendingLifetime, now, log } = options;
  const { question, judgement, prompt, request, personId } = asked;
  const { type, resource, scope, account, agent, presented, upstream, interaction, justification } = question;
  const ref = { agentProvider: agent.provider, agentId: agent.id };
  const time = now();
  const ends = [presented, upstream].flatMap((token) => (token ? [token.expiresAt] : []));
  const pending = await db.transaction(async (tx) => {
    await tx.execute(
      sql`select pg_advisory_xact_lock(hashtextextended(${`person-server pending ${agent.provider} ${agent.id}`}, 0))`,
    );
    if ((await countOpen(tx, ref, time)) >= maxOpenPerAgent) {
      throw new RateLimitError(
        'rate_limited',
        `${maxOpenPerAgent} requests of ${agent.id} wait for the person; ask again when some are decided.`,
        retryAfterSeconds,
      );
    }
    const row = await insertPending(tx, codes, {
      ...ref,
      personId,
      type,
      jkt: agent.jkt,
      publicJwk: agent.publicJwk,
      agentTokenExpiresAt: toDate(agent.expiresAt),
      resource,
      scope: [...scope],
      account,
      presentedJti: presented?.jti,
      presentedExpiresAt: presented && toDate(presented.expiresAt),
      upstreamJti: upstream?.jti,
      upstreamExpiresAt: upstream && toDate(upstream.expiresAt),
      onBehalfOf: upstream?.agentId,
      reason: judgement.reason,
      needsPerson: [...judgement.needsPerson],
      mayBeRemembered: judgement.mayBeRemembered,
      needsFreshSession: prompt.login,
      capabilities: [...request.capabilities],
      justification,
      loginHint: request.loginHint,
      tenant: request.tenant,
      platform: request.platform,
      device: request.device,
      interactionUrl: interaction?.url,
      interactionCode: interaction?.code,
      interactionState: interaction && 'needed',
      traceParent: traceParent(),
      createdAt: toDate(time),
      expiresAt: toDate(Math.min(time + pendingLifetime, ...ends)),
    });
    if (personId !== undefined) {
      const decision = {
        outcome: 'asked',
        reason: judgement.reason,
        scope,
        pendingId: row.id,
        decidedAt: time,
      } as const;
      await recordDecision(tx, question, personId, decision);
    }
    return row;
  });
  log.info(
    {
      pending: pending.id,
      agent: agent.id,
      agentProvider: agent.provider,
      type,
      resource,
      scope,
      reason: judgement.reason,
    },
    `a request of ${agent.id} for ${resource} waits for the person`,
  );
  return pending;
}
