import { AAuthError } from '../errors.ts';
import type { MaybePromise } from '../maybe-promise.ts';
import { toProblem } from '../problem.ts';
import { formatRequirement } from '../requirement.ts';
import { messageFromRequest } from '../signatures/index.ts';
import type { HttpMessage, VerifiedSignature } from '../signatures/types.ts';
import { RevokedTokenError } from '../tokens/revoked.ts';
import { type PresentedToken, tokenTypes } from '../tokens/types.ts';
import { acceptedSchemes, createAuthenticate } from './authenticate.ts';
import { type AuthorizationVerdict, createAuthorize } from './authorization.ts';
import { createChallenges } from './challenge.ts';
import type { CallRequirements, ResourceOptions } from './options.ts';
import { principalOf } from './principal.ts';
import { peekBody, readBody } from './request-body.ts';
import { createScopePolicy } from './scopes.ts';
import type { AccessMode, Principal, PrincipalOf, Refused, Verdict } from './types.ts';

/** Decides who sent a request, and whether that is enough. */
export interface Resource<P extends Principal = Principal> {
  /**
   * @param message the request, from `httpMessageFromNode`, `messageFromRequest` or anything else that has its parts
   * @param body its bytes; `deferred` when the caller compares them with `signature.contentDigest` while they pass; absent when
   *   there are none
   * @throws TypeError as {@link checkRequirements}
   */
  verify(message: HttpMessage, body?: Uint8Array | 'deferred', requirements?: CallRequirements): Promise<Verdict<P>>;
  /** The same for a Fetch `Request`, whose body can still be read afterwards. */
  verifyRequest(request: Request, requirements?: CallRequirements): Promise<Verdict<P>>;
  /**
   * Answers a request to the authorization endpoint, `{scope, account?}` presented with a person or auth token: a resource token,
   * or that the auth token grants it already (AAuth Protocol, "Authorization Endpoint Responses"). Refused with 400
   * `invalid_request`, `invalid_scope` or `invalid_account`, and with 401 as by {@link verify}.
   *
   * @throws TypeError when the resource has no `signingKey` or accepts no person tokens
   */
  authorize(message: HttpMessage, body?: Uint8Array): Promise<AuthorizationVerdict>;
  /** The same for a Fetch `Request`, whose body can still be read afterwards. */
  authorizeRequest(request: Request): Promise<AuthorizationVerdict>;
  /**
   * Checks, before any request comes, what a route is going to require.
   *
   * @throws TypeError when `requiredScopes` names a scope that is not declared, or the resource cannot ask for auth tokens
   */
  checkRequirements(requirements: CallRequirements): void;
}

/**
 * Makes the verifier of a protected resource (AAuth Protocol, "Verification", "Resource Access and Resource Tokens"):
 * signature, token, issuer, replay, access. Its verdict is a principal, or a refusal that any HTTP server can send as it is: 401
 * with `Signature-Error`, its companions and `AAuth-Requirement`; 401 with `AAuth-Requirement` alone when the sender is known and
 * has to present more, for which it issues the resource token; 413; 503 with `Retry-After` when an issuer's keys cannot be fetched.
 *
 * Does NOT decide what the principal may do beyond `requiredScopes`, and does NOT compare a body that no signature covers with
 * anything.
 *
 * Verdicts are for what senders and peers do; whatever else goes wrong is thrown.
 *
 * @param options whom the resource trusts, and what it asks of callers
 * @returns what judges requests
 * @throws IdentifierError when a pinned `jwksUri` is not an acceptable URL
 * @throws TypeError when options contradict each other: no `identifier` where person or auth tokens are accepted, no `signingKey` or
 *   no acceptance of person and auth tokens where auth tokens are required, a default scope that is not declared
 */
export function createResource<const Access extends AccessMode = 'agent-token'>(
  options: ResourceOptions<Access>,
): Resource<PrincipalOf<Access>> {
  const { maxBodyBytes = 1024 * 1024 } = options;
  const access: AccessMode = options.access ?? 'agent-token';
  const authenticate = createAuthenticate(options);
  const scopes = createScopePolicy(options.scopes, options.discovery);
  const challenges = createChallenges(options, scopes);
  const authorize = createAuthorize(options, scopes, challenges);
  const requirement = requirementHeaders(options, access);
  if (access !== 'agent-token') challenges.checkCanAsk(access);

  function admit(
    signature: VerifiedSignature<PresentedToken>,
    requiredScopes: readonly string[] = [],
  ): MaybePromise<Verdict<PrincipalOf<Access>>> {
    const principal = principalOf(signature);
    return isAdmitted<Access>(principal, access, requiredScopes)
      ? { ok: true, principal, signature }
      : askForMore(principal, signature, requiredScopes);
  }

  async function askForMore(
    principal: Principal,
    signature: VerifiedSignature<PresentedToken>,
    requiredScopes: readonly string[],
  ): Promise<Refused> {
    return principal.level === 'person' || principal.level === 'authorized'
      ? challenges.authTokenRequired(principal, signature, requiredScopes)
      : challenges.personTokenRequired(principal, signature);
  }

  async function authorizeMessage(message: HttpMessage, body: Uint8Array | undefined): Promise<AuthorizationVerdict> {
    const signature = await authenticate(message, body);
    return authorize(principalOf(signature), signature, body);
  }

  function checkRequirements({ requiredScopes = [] }: CallRequirements): void {
    if (requiredScopes.length > 0) challenges.checkCanAsk('auth-token');
    const unknown = requiredScopes.find((scope) => !scopes.has(scope));
    if (unknown !== undefined) throw new TypeError(`requiredScopes names ${unknown}, which is not declared.`);
  }

  async function judge<Admitted extends Exclude<Verdict, Refused>>(
    run: () => Promise<Admitted | Refused>,
  ): Promise<Admitted | Refused> {
    const verdict = await run().catch((error: unknown) => refusal(error, requirement));
    options.observe?.(verdict);
    return verdict;
  }

  return {
    checkRequirements,
    verify: (message, body, call = {}) =>
      judge(async () => {
        checkRequirements(call);
        return admit(await authenticate(message, body), call.requiredScopes);
      }),
    verifyRequest: (request, call = {}) =>
      judge(async () => {
        checkRequirements(call);
        const message = messageFromRequest(request);
        return admit(await authenticate(message, await peekBody(request, maxBodyBytes)), call.requiredScopes);
      }),
    authorize: (message, body) => judge(() => authorizeMessage(message, body)),
    authorizeRequest: (request) =>
      judge(async () => authorizeMessage(messageFromRequest(request), await readBody(request, maxBodyBytes))),
  };
}

function isAdmitted<Access extends AccessMode>(
  principal: Principal,
  access: AccessMode,
  requiredScopes: readonly string[],
): principal is PrincipalOf<Access> {
  if (principal.level === 'authorized') return requiredScopes.every((scope) => principal.scope.includes(scope));
  if (requiredScopes.length > 0 || access === 'auth-token') return false;
  return access === 'agent-token' || principal.level === 'person';
}

interface RequirementHeaders {
  readonly usual: Readonly<Record<string, string>>;
  /** A revoked grant is not renewed by the person's agent alone: it starts again from the person (AAuth Protocol, "Token Revocation"). */
  readonly revokedGrant: Readonly<Record<string, string>>;
}

function requirementHeaders(options: ResourceOptions, access: AccessMode): RequirementHeaders {
  const usual = access === 'agent-token' ? 'agent-token' : 'person-token';
  const requirement = options.requirement ?? (acceptedSchemes(options).includes('jwt') && usual);
  const header = (name: 'agent-token' | 'person-token') => ({
    'aauth-requirement': formatRequirement({ requirement: name }),
  });
  return requirement
    ? { usual: header(requirement), revokedGrant: header('person-token') }
    : { usual: {}, revokedGrant: {} };
}

function refusal(error: unknown, requirement: RequirementHeaders): Refused {
  if (!(error instanceof AAuthError)) throw error;
  if (error.status !== 401) return { ok: false, error, response: toProblem(error) };
  const isRevokedGrant = error instanceof RevokedTokenError && error.tokenType === tokenTypes.auth;
  const headers = isRevokedGrant ? requirement.revokedGrant : requirement.usual;
  return { ok: false, error, response: toProblem(error, headers) };
}
