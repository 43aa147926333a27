import { PeerError } from '../errors.ts';
import { isKnownRequirement, parseRequirement, type Requirement } from '../requirement.ts';
import { decodeTokenForDisplay } from '../tokens/jwt.ts';
import type { Call } from './call.ts';
import { readSignatureRefusal } from './signature-refusal.ts';
import type { Refusal } from './signer.ts';
import { presentedToken, type Standing } from './standing.ts';

/** What a resource wants instead of what was presented. */
export type Demand =
  | { readonly wants: 'another-agent-token'; readonly refused: Refusal }
  | { readonly wants: 'agent-token' }
  | { readonly wants: 'person-token' }
  | { readonly wants: 'auth-token'; readonly resourceToken: string };

// With any other `Signature-Error` it is the signature that does not hold, whatever token comes with it.
const faultsOfTokens = ['invalid_jwt', 'unknown_key', 'issuer_missing', 'issuer_mismatch'];

/**
 * Reads what a 401 of a resource asks for (AAuth Protocol, "Requirement Values", "Authentication Errors"). A token that was refused as expired or revoked
 * comes first, whatever else the response requires: nothing can be made of that token any more.
 *
 * @returns `undefined` when the response asks for nothing that was not presented: it stands
 * @throws PeerError `unsupported_requirement` for a requirement that this version does not know; `invalid_response` for `auth-token`
 *   without a resource token
 */
export function readDemand(call: Call, standing: Standing, response: Response): Demand | undefined {
  if (response.status !== 401) return undefined;
  const requirement = parseRequirement(response.headers.get('aauth-requirement'));
  if (requirement) tellChallenge(call, response.status, requirement);
  const code = readSignatureRefusal(response)?.code;
  if (code === 'expired_jwt' || code === 'revoked_jwt') {
    if (standing.level !== 'agent') return { wants: 'person-token' };
    return { wants: 'another-agent-token', refused: { token: presentedToken(standing), code } };
  }
  if (!requirement || (code !== undefined && !faultsOfTokens.includes(code))) return undefined;
  switch (requirement.requirement) {
    case 'agent-token':
      return standing.level === 'agent' ? undefined : { wants: 'agent-token' };
    case 'person-token':
      return standing.level === 'person' ? undefined : { wants: 'person-token' };
    case 'auth-token':
      return { wants: 'auth-token', resourceToken: resourceTokenOf(call, requirement) };
    default:
      return surface(call, requirement.requirement);
  }
}

// What is known and makes no sense here leaves the response to the caller (AAuth Protocol, "Requirement Values").
function surface({ resource }: Call, requirement: string): undefined {
  if (isKnownRequirement(requirement)) return undefined;
  const detail = `${resource} requires "${requirement.slice(0, 64)}", which this agent does not know.`;
  throw new PeerError('unsupported_requirement', 401, detail, { cause: { requirement: requirement.slice(0, 64) } });
}

/** Tells that the resource requires something. */
export function tellChallenge(
  { emit }: Pick<Call, 'emit'>,
  status: number,
  { requirement, parameters }: Requirement,
): void {
  const { 'resource-token': resourceToken = '' } = parameters;
  emit({ type: 'challenged', status, requirement, resourceToken: decodeTokenForDisplay(resourceToken)?.claims });
}

/** @throws PeerError `invalid_response` when there is none */
export function resourceTokenOf({ resource }: Pick<Call, 'resource'>, { parameters }: Requirement): string {
  const { 'resource-token': resourceToken } = parameters;
  if (resourceToken) return resourceToken;
  throw new PeerError('invalid_response', 502, `${resource} requires an auth token and sent no resource token.`);
}
