import type { Clock } from '@aauth-stack/aauth/clock';
import { DeferredError, type DeferredOutcome, SignatureError, TokenRequestError } from '@aauth-stack/aauth/errors';
import { type IdentifierPolicy, parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { VerifiedAgentToken } from '@aauth-stack/aauth/tokens';
import type { Logger } from '@aauth-stack/service/logger';
import { isWithdrawn, noteDelivery } from '../consent/consents.ts';
import type { Database } from '../db/database.ts';
import { tokenBody } from '../token-requests/answer.ts';
import type { Issuance } from '../tokens/issuance.ts';
import type { EarlierToken, TokenQuestion } from '../tokens/question.ts';
import { collectPending, type PendingRequest, revokePending, withIds } from './pending-requests.ts';

export interface DeliverOptions {
  db: Database;
  issuance: Issuance;
  identifiers: IdentifierPolicy;
  now: Clock;
  log: Logger;
}

const endings = {
  denied: 'The person denied the request.',
  abandoned: 'The person opened the request and did not decide in time.',
  revoked: 'What the request rests on was revoked.',
  expired: 'Nobody decided the request in time; ask again.',
  invalid_code: 'Too many wrong interaction codes were tried; ask again.',
  server_error: 'The request could not be completed; ask again.',
  as_unreachable: 'The Access Server could not be reached.',
  gone: 'The agent took the request back.',
} as const satisfies Record<DeferredOutcome, string>;

/**
 * Tells the agent how its request ended, once: with the token that it asked for, made now, or with the reason why there is none.
 *
 * @throws DeferredError
 */
export async function deliver(
  options: DeliverOptions,
  request: PendingRequest,
  agentToken: VerifiedAgentToken,
): Promise<object> {
  const { db, now, log } = options;
  if (request.collectedAt !== null) throw gone();
  if (request.outcome === null) return deliverToken(options, request, agentToken);
  if (!(await collectPending(db, request.id, now()))) throw gone();
  log.info(
    { pending: request.id, outcome: request.outcome },
    `told ${request.agentId} that its request ended: ${request.outcome}`,
  );
  throw new DeferredError(request.outcome, endings[request.outcome]);
}

async function deliverToken(
  { db, issuance, identifiers, now }: DeliverOptions,
  request: PendingRequest,
  agentToken: VerifiedAgentToken,
): Promise<object> {
  const { id, personId, consentId, grantedScope, type } = request;
  if (personId === null || consentId === null || grantedScope === null) {
    throw new TypeError(`The request ${id} was approved without a person, a consent or what is granted.`);
  }
  const question = questionOf(request, agentToken, identifiers);
  // An agent that has got another key meanwhile will ask again, and must find the consent.
  const isSameKey = agentToken.key.thumbprint === request.jkt;
  try {
    const issued = await issuance.issue(
      question,
      { personId, scope: grantedScope, reason: 'consent', pendingId: id },
      async (tx, { expiresAt }) => {
        if (!(await collectPending(tx, id, now()))) throw gone();
        if (await isWithdrawn(tx, consentId)) throw new DeferredError('revoked', endings.revoked);
        if (isSameKey) await noteDelivery(tx, consentId, { pendingId: id, time: now(), until: expiresAt });
      },
    );
    return tokenBody(type, issued);
  } catch (error) {
    const outcome = endOf(error);
    if (!outcome) throw error;
    if (outcome === 'revoked') await db.transaction((tx) => revokePending(tx, withIds([id]), now()));
    await collectPending(db, id, now());
    throw new DeferredError(outcome, endings[outcome], error);
  }
}

// Something that the token would rest on has ended since the person approved.
function endOf(error: unknown): 'revoked' | 'expired' | undefined {
  if (error instanceof SignatureError) return error.code === 'expired_jwt' ? 'expired' : 'revoked';
  if (error instanceof TokenRequestError && error.code.startsWith('revoked_')) return 'revoked';
  return undefined;
}

/** What a kept request asks, for the agent that comes for the answer. */
function questionOf(
  request: PendingRequest,
  agentToken: VerifiedAgentToken,
  identifiers: IdentifierPolicy,
): TokenQuestion {
  const { type, resource, scope, account, agentId, jkt, publicJwk, onBehalfOf, justification } = request;
  const upstream = earlier(request.upstreamJti, request.upstreamExpiresAt);
  const keyEnds = agentToken.key.thumbprint === jkt ? agentToken.expiresAt : seconds(request.agentTokenExpiresAt);
  return {
    type,
    resource: parseServerIdentifier(resource, identifiers),
    scope,
    account: account ?? undefined,
    agent: {
      provider: agentToken.issuer,
      id: agentId,
      agentToken,
      publicJwk,
      jkt,
      expiresAt: Math.min(agentToken.expiresAt, keyEnds),
    },
    interaction: undefined,
    presented: earlier(request.presentedJti, request.presentedExpiresAt),
    upstream: upstream && { ...upstream, agentId: onBehalfOf ?? agentId },
    justification: justification ?? undefined,
  };
}

function earlier(jti: string | null, expiresAt: Date | null): EarlierToken | undefined {
  return jti === null || expiresAt === null ? undefined : { jti, expiresAt: seconds(expiresAt) };
}

function seconds(date: Date): number {
  return date.getTime() / 1000;
}

function gone(): DeferredError {
  return new DeferredError('gone', 'The result of this request has been collected.');
}
