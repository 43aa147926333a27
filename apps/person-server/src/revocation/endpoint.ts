import { createRevocationEndpoint, type RevocationEndpointOptions } from '@aauth-stack/aauth/resource';
import type { Logger } from '@aauth-stack/service/logger';
import { attribute, verificationAttributes, withSpan } from '@aauth-stack/telemetry';
import type { AppContext } from '../environment.ts';

type Verdict = Parameters<NonNullable<RevocationEndpointOptions['observe']>>[0];

export interface RevocationOptions extends Omit<RevocationEndpointOptions, 'observe'> {
  log: Logger;
}

/** POST /revoke: an issuer takes a token back (AAuth Protocol, "Token Revocation"). */
export function revocation({ log, ...options }: RevocationOptions) {
  return (c: AppContext) =>
    withSpan('aauth.verify', { [attribute.resource]: options.identifier ?? '' }, async (span) => {
      const observe = (verdict: Verdict) => {
        span.setAttributes(verificationAttributes(factsOf(verdict)));
        if (verdict.ok) return;
        const { code, status, message: detail } = verdict.error;
        log.warn({ path: c.req.path, code, status, detail }, `refused a revocation: ${code}`);
      };
      return createRevocationEndpoint({ ...options, observe })(c.req.raw);
    });
}

function factsOf(verdict: Verdict) {
  if (!verdict.ok) return { result: 'refused', error: verdict.error.code, errorDetail: verdict.error.message };
  const { jkt, components, base, identity, publicJwk } = verdict.signature;
  const { level } = verdict.principal;
  return { result: 'verified', level, scheme: identity.scheme, jkt, algorithm: publicJwk.alg, components, base };
}
