import { PolicyError } from '@aauth-stack/aauth/errors';
import { type ProblemResponse, toProblem } from '@aauth-stack/aauth/problem';
import type { Principal } from '@aauth-stack/aauth/resource';
import { attribute, presentedAttributes, withSpan } from '@aauth-stack/telemetry';
import type { Protection } from '../configuration/routes.ts';
import { type RequestFacts, ruleFacts } from '../policy/facts.ts';
import { decide } from '../policy/rules.ts';
import type { ProtectedResource } from '../resources/protected-resource.ts';
import type { DecisionTools } from './decision-log.ts';
import { type DecisionOutcome, recordDecision, refusedOutcome } from './record-decision.ts';

export interface CheckInput extends RequestFacts {
  readonly resource: ProtectedResource;
  /** `deferred`: there is a body, and whoever forwards it compares it with {@link Allowed.contentDigest}. */
  readonly body: Uint8Array | 'deferred' | undefined;
  /** What the route asks beside that. */
  readonly protection: Pick<Protection, 'requiredScopes' | 'rules'>;
}

export interface Allowed {
  readonly allowed: true;
  readonly principal: Principal;
  /** SHA-256 that the body must still be compared with. */
  readonly contentDigest: Uint8Array | undefined;
  /** Whether the body is known to be the one that was signed. */
  readonly bodyVerified: boolean;
}

export interface Refused {
  readonly allowed: false;
  readonly response: ProblemResponse;
}

/** Verifies a request and applies the rules. Each verdict leaves one span and one line in the decision log. */
export function checkRequest(input: CheckInput, tools: DecisionTools): Promise<Allowed | Refused> {
  const { resource, message, body, protection } = input;
  const started = performance.now();
  return withSpan('aauth.verify', { [attribute.resource]: resource.name }, async (span) => {
    const { method, path } = message;
    if (span.isRecording()) {
      span.setAttributes(presentedAttributes(message.headers.get('signature-key') ?? undefined));
    }
    const record = (outcome: DecisionOutcome) =>
      recordDecision({ resourceId: resource.id, resource: resource.name, method, path, started }, outcome, tools);

    const verdict = await resource.verify(message, body, protection.requiredScopes);
    if (!verdict.ok) {
      record(refusedOutcome(verdict, message.headers.get('signature') !== null));
      return { allowed: false, response: verdict.response };
    }
    const decision = protection.rules && decide(protection.rules, ruleFacts(verdict.principal, input));
    for (const { rule, error } of decision?.errors ?? []) {
      tools.log.warn(
        { resource_id: resource.id, rule, error },
        'a rule has no value for this request and counts as false',
      );
    }
    if (decision && !decision.allowed) {
      const error = new PolicyError('denied', 'The policy of this resource does not admit this request.');
      record({ result: decision.errors.length > 0 ? 'policy_error' : 'denied', sender: verdict, error });
      return { allowed: false, response: toProblem(error) };
    }
    record({ result: 'allowed', sender: verdict });
    const { contentDigest, bodyVerified } = verdict.signature;
    return {
      allowed: true,
      principal: verdict.principal,
      contentDigest: bodyVerified ? undefined : contentDigest,
      bodyVerified,
    };
  });
}
