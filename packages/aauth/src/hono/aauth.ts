import type { Context, MiddlewareHandler } from 'hono';
import { PolicyError } from '../errors.ts';
import { problemResponse } from '../problem.ts';
import type { CallRequirements } from '../resource/options.ts';
import type { Resource } from '../resource/resource.ts';
import type { Principal, Verdict } from '../resource/types.ts';

/** What `c.get('aauth')` holds on a protected route: who sent the request, and the signature that proves it. */
export type AAuthContext<P extends Principal = Principal> = Omit<Extract<Verdict<P>, { ok: true }>, 'ok'>;

/** The environment of a Hono app, or of a part of it, whose routes {@link aauth} protects. */
export interface AAuthEnv<P extends Principal = Principal> {
  Variables: { aauth: AAuthContext<P> };
}

/** What a route asks for beyond what its resource asks of every call. */
export interface AAuthMiddlewareOptions<P extends Principal = Principal> extends CallRequirements {
  /** Whether this principal may go on; anything but `true` is a 403 `denied`. Default: every principal may. */
  readonly authorize?: (principal: P, c: Context<AAuthEnv<P>>) => boolean | Promise<boolean>;
}

/**
 * Hono middleware: lets verified requests through, with `c.get('aauth')` set, and answers the others with the refusal or the
 * challenge that `resource` made of them. Bodies stay readable.
 * AAuth Protocol, "Verification".
 *
 * @param resource judges the requests
 * @param options what this route asks for in addition
 * @returns the middleware
 * @throws TypeError when `requiredScopes` names a scope that `resource` does not declare, or it cannot ask for auth tokens
 *
 * @example
 * const app = new Hono<AAuthEnv>();
 * app.get('/inventory', aauth(resource), (c) => c.json({ jkt: c.get('aauth').principal.jkt }));
 */
export function aauth<P extends Principal>(
  resource: Resource<P>,
  options: AAuthMiddlewareOptions<P> = {},
): MiddlewareHandler<AAuthEnv<P>> {
  const { authorize, requiredScopes } = options;
  resource.checkRequirements({ requiredScopes });
  return async function aauth(c, next) {
    const verdict = await resource.verifyRequest(c.req.raw, { requiredScopes });
    if (!verdict.ok) return new Response(verdict.response.body, verdict.response);
    const { principal, signature } = verdict;
    if (authorize && (await authorize(principal, c)) !== true) {
      return problemResponse(new PolicyError('denied', 'The sender is known, and not allowed to do this.'));
    }
    c.set('aauth', { principal, signature });
    return next();
  };
}
