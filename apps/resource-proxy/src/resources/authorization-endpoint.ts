import type { AuthorizationVerdict } from '@aauth-stack/aauth/resource';
import { attribute, presentedAttributes, withSpan } from '@aauth-stack/telemetry';
import type { DecisionTools } from '../checks/decision-log.ts';
import { type DecisionOutcome, recordDecision, refusedOutcome } from '../checks/record-decision.ts';
import type { ProtectedResource } from './protected-resource.ts';

/** The authorization endpoint of a resource: an agent asks for the scopes it is going to need, before any call. */
export function createAuthorizationEndpoint(
  resource: ProtectedResource,
  tools: DecisionTools,
): (request: Request) => Promise<Response> {
  return function handleAuthorization(request) {
    const started = performance.now();
    const presented = presentedAttributes(request.headers.get('signature-key') ?? undefined);
    return withSpan('aauth.authorize', { [attribute.resource]: resource.name, ...presented }, async () => {
      const verdict = await resource.authorize(request);
      const outcome = verdict.ok ? outcomeOf(verdict) : refusedOutcome(verdict, request.headers.has('signature'));
      const { pathname: path } = new URL(request.url);
      const decided = { resourceId: resource.id, resource: resource.name, method: request.method, path, started };
      recordDecision(decided, outcome, tools);
      const { status, headers, body } = verdict.response;
      return new Response(body, { status, headers });
    });
  };
}

function outcomeOf(verdict: Extract<AuthorizationVerdict, { ok: true }>): DecisionOutcome {
  const { resourceToken } = verdict;
  if (!resourceToken) return { result: 'allowed', sender: verdict };
  return { result: 'challenged', sender: verdict, requirement: 'auth-token', resourceToken };
}
