import { pendingResponse } from '@aauth-stack/aauth/deferred';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { RequirementInit } from '@aauth-stack/aauth/requirement';
import type { InteractionCodes } from '../interaction/interaction-code.ts';
import type { PendingRequest } from './pending-requests.ts';

/** Seconds between two polls of an agent that does not ask to be held. */
const retryAfter = 2;

export interface PendingResponseOptions {
  issuer: ServerIdentifier;
  codes: InteractionCodes;
}

/** The 202 for a request that goes on (AAuth Protocol, "Pending Response"): what the agent can do, and where it polls. */
export function pendingRequestResponse({ issuer, codes }: PendingResponseOptions, request: PendingRequest): Response {
  const { status, headers, body } = pendingResponse({
    location: `/pending/${request.id}`,
    retryAfter,
    status: request.status === 'pending' ? 'pending' : 'interacting',
    requirement: requirementOf(request, issuer, codes),
    members: { expires_at: request.expiresAt.toISOString() },
  });
  return new Response(body, { status, headers });
}

function requirementOf(request: PendingRequest, issuer: ServerIdentifier, codes: InteractionCodes): RequirementInit {
  if (!request.capabilities.includes('interaction')) return { requirement: 'approval' };
  return {
    requirement: 'interaction',
    parameters: { url: `${issuer}/ui/consent`, code: codes.codeOf(request.id) },
  };
}
