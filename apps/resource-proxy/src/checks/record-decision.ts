import { parseRequirement } from '@aauth-stack/aauth/requirement';
import type { Challenge, Principal, Refused } from '@aauth-stack/aauth/resource';
import { type IssuedResourceToken, tokenTypes } from '@aauth-stack/aauth/tokens';
import { attribute, currentSpan, spanEvent, verificationAttributes } from '@aauth-stack/telemetry';
import { principalFacts } from '../policy/facts.ts';
import { type CheckResult, type DecisionTools, logDecision } from './decision-log.ts';

/** The request that something was decided about. */
export interface DecidedRequest {
  /** Id, for the log. */
  readonly resourceId: string;
  /** Identifier, for traces. */
  readonly resource: string;
  readonly method: string;
  readonly path: string;
  /** By `performance.now()`. */
  readonly started: number;
}

export interface DecisionOutcome {
  readonly result: CheckResult;
  /** Who sent it, once that is verified. */
  readonly sender: Pick<Challenge, 'principal' | 'signature'> | undefined;
  readonly error?: { readonly code: string; readonly message: string; readonly cause?: unknown };
  /** What the sender is told to present. */
  readonly requirement?: string;
  /** What the sender is given to exchange. Its claims are recorded, the token itself never. */
  readonly resourceToken?: IssuedResourceToken;
}

/** Leaves a decision on the current span and in the decision log. */
export function recordDecision(request: DecidedRequest, outcome: DecisionOutcome, tools: DecisionTools): void {
  const { result, sender, error, requirement, resourceToken } = outcome;
  const { resource } = request;
  const span = currentSpan();
  if (requirement) {
    span?.addEvent(
      spanEvent.challenge,
      verificationAttributes({
        result: 'challenged',
        requirement,
        resource,
        tokenType: resourceToken && tokenTypes.resource,
        claims: resourceToken?.claims,
      }),
    );
  }
  if (result === 'denied' || result === 'policy_error') {
    span?.addEvent(spanEvent.decision, { [attribute.result]: 'denied' });
  }
  span?.setAttributes({
    ...(sender ? verifiedAttributes(sender) : {}),
    ...verificationAttributes({ result, requirement, error: error?.code, errorDetail: error?.message, resource }),
  });
  logDecision(tools, {
    resourceId: request.resourceId,
    facts: sender && principalFacts(sender.principal),
    result,
    reason: error?.code,
    detail: error?.message,
    cause: error?.cause,
    requirement,
    resourceTokenJti: resourceToken?.jti,
    method: request.method,
    path: request.path,
    latency: performance.now() - request.started,
  });
}

/**
 * What there is to record of a refusal.
 *
 * @param isSigned whether the request carried a signature: one without is told what to present, it has not failed
 */
export function refusedOutcome({ error, response, challenge }: Refused, isSigned: boolean): DecisionOutcome {
  const header = response.headers['aauth-requirement'] ?? null;
  return {
    result: challenge || (response.status === 401 && !isSigned) ? 'challenged' : 'error',
    sender: challenge,
    error,
    requirement: parseRequirement(header)?.requirement,
    resourceToken: challenge?.resourceToken,
  };
}

function verifiedAttributes({ principal, signature }: Pick<Challenge, 'principal' | 'signature'>) {
  const facts = principalFacts(principal);
  return verificationAttributes({
    result: 'verified',
    level: facts.level,
    scheme: facts.scheme,
    tokenType: facts.token_type,
    claims: 'token' in principal ? principal.token.claims : undefined,
    agent: facts.agent,
    ...personOf(principal),
    scope: facts.scopes,
    jkt: facts.jkt,
    algorithm: signature.publicJwk.alg,
    components: signature.components,
    base: signature.base,
  });
}

function personOf(principal: Principal): { personIssuer?: string; personSubject?: string } {
  if (principal.level !== 'person' && principal.level !== 'authorized') return {};
  return { personIssuer: principal.personServer, personSubject: principal.subject };
}
