import { RequestError } from '../errors.ts';
import type { ProblemResponse } from '../problem.ts';
import type { VerifiedSignature } from '../signatures/types.ts';
import type { IssuedResourceToken } from '../tokens/resource-token.ts';
import { parseScope } from '../tokens/scope.ts';
import type { PresentedToken } from '../tokens/types.ts';
import type { Challenges } from './challenge.ts';
import { parseJsonBody } from './json-body.ts';
import type { ResourceOptions } from './options.ts';
import type { ScopePolicy } from './scopes.ts';
import type { AuthorizedPrincipal, PersonPrincipal, Principal, Refused } from './types.ts';

/** What an agent asks for at the authorization endpoint. */
interface AuthorizationRequest {
  readonly scope: readonly string[];
  readonly account: string | undefined;
}

/** The outcome of a request to the authorization endpoint; `response` is ready to send in every case. */
export type AuthorizationVerdict =
  | {
      readonly ok: true;
      readonly principal: PersonPrincipal | AuthorizedPrincipal;
      readonly signature: VerifiedSignature<PresentedToken>;
      /** What the agent is to exchange; absent when its auth token grants all it asks for. */
      readonly resourceToken: IssuedResourceToken | undefined;
      readonly scope: readonly string[];
      readonly response: ProblemResponse;
    }
  | Refused;

export type Authorize = (
  principal: Principal,
  signature: VerifiedSignature<PresentedToken>,
  body: Uint8Array | undefined,
) => Promise<AuthorizationVerdict>;

/** Makes what an authorization endpoint does once it knows who asks (AAuth Protocol, "Authorization Endpoint Request"). */
export function createAuthorize(
  { accounts }: Pick<ResourceOptions, 'accounts'>,
  scopes: ScopePolicy,
  challenges: Challenges,
): Authorize {
  return async function authorize(principal, signature, body) {
    challenges.checkCanAsk('auth-token');
    if (principal.level !== 'person' && principal.level !== 'authorized') {
      return challenges.personTokenRequired(principal, signature);
    }
    const { scope, account } = parseAuthorizationRequest(body);
    const askable = await scopes.askable(scope, principal.personServer);
    const unknown = scope.filter((name) => !askable.includes(name));
    if (unknown.length > 0) {
      throw new RequestError('invalid_scope', `This resource has no scope ${unknown.join(' ')} to ask for.`);
    }
    if (account !== undefined && !(await accounts?.(account, principal))) {
      throw new RequestError('invalid_account', 'The person has no such account at this resource.');
    }
    const granted = grants(principal, scope, account);
    const resourceToken = granted ? undefined : await challenges.resourceToken(principal, scope, account);
    const response = resourceToken
      ? json({ resource_token: resourceToken.token })
      : json({ status: 'authorized', scope: scope.join(' ') });
    return { ok: true, principal, signature, resourceToken, scope, response };
  };
}

function grants(principal: PersonPrincipal | AuthorizedPrincipal, scope: readonly string[], account?: string): boolean {
  if (principal.level !== 'authorized' || principal.token.account !== account) return false;
  return scope.every((name) => principal.scope.includes(name));
}

function parseAuthorizationRequest(body: Uint8Array | undefined): AuthorizationRequest {
  const { scope: text, account } = parseJsonBody(body);
  const scope = parseScope(text);
  if (!scope || scope.length === 0) {
    throw new RequestError('invalid_request', 'scope is needed: scope names separated by one space each.');
  }
  if (account === undefined) return { scope, account };
  if (typeof account === 'string' && account !== '' && account.length <= 255) return { scope, account };
  throw new RequestError('invalid_request', 'account is a string of 1 to 255 characters.');
}

function json(members: Readonly<Record<string, string>>): ProblemResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(members),
  };
}
