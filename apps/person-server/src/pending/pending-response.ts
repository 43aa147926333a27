import type { Clock } from '@aauth-stack/aauth/clock';
import { pendingResponse } from '@aauth-stack/aauth/deferred';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { RequirementInit } from '@aauth-stack/aauth/requirement';
import { openQuestion } from '../clarification/clarifications.ts';
import type { Database } from '../db/database.ts';
import type { InteractionCodes } from '../interaction/interaction-code.ts';
import type { PendingRequest } from './pending-requests.ts';

/** Seconds between two polls of an agent that does not ask to be held. */
const retryAfter = 2;

export interface PendingResponseOptions {
  db: Database;
  now: Clock;
  issuer: ServerIdentifier;
  codes: InteractionCodes;
}

/** The 202 for a request that goes on (AAuth Protocol, "Pending Response"): what the agent is to do, and where it polls. */
export async function pendingRequestResponse(
  options: PendingResponseOptions,
  request: PendingRequest,
): Promise<Response> {
  const { requirement, members } = await requirementOf(options, request);
  const { status, headers, body } = pendingResponse({
    location: `/pending/${request.id}`,
    retryAfter,
    status: request.status === 'pending' ? 'pending' : 'interacting',
    requirement,
    members: { ...members, expires_at: request.expiresAt.toISOString() },
  });
  return new Response(body, { status, headers });
}

async function requirementOf(
  { db, issuer, codes, now }: PendingResponseOptions,
  request: PendingRequest,
): Promise<{ requirement: RequirementInit; members?: object }> {
  const question = request.status === 'clarifying' ? await openQuestion(db, request.id) : undefined;
  if (question !== undefined) {
    const timeout = Math.max(0, Math.floor(request.expiresAt.getTime() / 1000 - now()));
    return { requirement: { requirement: 'clarification' }, members: { clarification: question, timeout } };
  }
  if (!request.capabilities.includes('interaction')) return { requirement: { requirement: 'approval' } };
  const parameters = { url: `${issuer}/ui/consent`, code: codes.codeOf(request.id) };
  return { requirement: { requirement: 'interaction', parameters } };
}
