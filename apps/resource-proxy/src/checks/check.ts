import { PolicyError } from '@aauth-stack/aauth/errors';
import { type ProblemResponse, toProblem } from '@aauth-stack/aauth/problem';
import type { Principal } from '@aauth-stack/aauth/resource';
import type { Logger } from '@aauth-stack/service/logger';
import { attribute, spanEvent, verificationAttributes, withSpan } from '@aauth-stack/telemetry';
import { principalFacts, type RequestFacts, ruleFacts } from '../policy/facts.ts';
import { type CompiledRule, decide } from '../policy/rules.ts';
import type { ProtectedResource } from '../resources/protected-resource.ts';
import { type CheckResult, logDecision } from './decision-log.ts';

export interface CheckInput extends RequestFacts {
  readonly resource: ProtectedResource;
  /** `deferred`: there is a body, and whoever forwards it compares it with {@link Allowed.contentDigest}. */
  readonly body: Uint8Array | 'deferred' | undefined;
  /** Undefined admits everybody who is verified. */
  readonly rules: readonly CompiledRule[] | undefined;
}

export interface Allowed {
  readonly allowed: true;
  readonly principal: Principal;
  /** SHA-256 that the body must still be compared with. */
  readonly contentDigest: Uint8Array | undefined;
}

export interface Refused {
  readonly allowed: false;
  readonly response: ProblemResponse;
}

/** Verifies a request and applies the rules. Each verdict leaves one span and one line in the decision log. */
export function checkRequest(input: CheckInput, log: Logger): Promise<Allowed | Refused> {
  const { resource, message, body, rules } = input;
  const started = performance.now();
  return withSpan('aauth.verify', { [attribute.resource]: resource.name }, async (span) => {
    const verdict = await resource.verify(message, body);
    const facts = verdict.ok ? principalFacts(verdict.principal) : undefined;
    const record = (result: CheckResult, error?: { code: string; message: string; cause?: unknown }) => {
      span.setAttributes({
        ...(verdict.ok ? verifiedAttributes(verdict.principal, verdict.signature) : {}),
        ...verificationAttributes({ result, error: error?.code, resource: resource.name }),
      });
      const { method, path } = message;
      const latency = performance.now() - started;
      const { code: reason, message: detail, cause } = error ?? {};
      logDecision(log, { resourceId: resource.id, facts, result, reason, detail, cause, method, path, latency });
    };

    if (!verdict.ok) {
      const requirement = verdict.response.headers['aauth-requirement'];
      const signed = message.headers.get('signature') !== null;
      if (requirement) span.addEvent(spanEvent.challenge, { [attribute.requirement]: requirement });
      record(verdict.response.status === 401 && !signed ? 'challenged' : 'error', verdict.error);
      return { allowed: false, response: verdict.response };
    }
    const decision = rules && decide(rules, ruleFacts(verdict.principal, input));
    for (const { rule, error } of decision?.errors ?? []) {
      log.warn({ resource_id: resource.id, rule, error }, 'a rule has no value for this request and counts as false');
    }
    if (decision && !decision.allowed) {
      const error = new PolicyError('denied', 'The policy of this resource does not admit this request.');
      span.addEvent(spanEvent.decision, { [attribute.result]: 'denied' });
      record(decision.errors.length > 0 ? 'policy_error' : 'denied', error);
      return { allowed: false, response: toProblem(error) };
    }
    record('allowed');
    const { contentDigest, bodyVerified } = verdict.signature;
    return { allowed: true, principal: verdict.principal, contentDigest: bodyVerified ? undefined : contentDigest };
  });
}

function verifiedAttributes(principal: Principal, signature: { components: readonly string[]; base: string }) {
  const facts = principalFacts(principal);
  return verificationAttributes({
    result: 'verified',
    level: facts.level,
    scheme: facts.scheme,
    tokenType: facts.token_type,
    claims: 'token' in principal ? principal.token.claims : undefined,
    agent: facts.agent,
    personIssuer: 'personServer' in principal ? principal.personServer : undefined,
    personSubject: 'subject' in principal ? principal.subject : undefined,
    scope: facts.scopes,
    jkt: facts.jkt,
    components: signature.components,
    base: signature.base,
  });
}
