import type { PresentedToken } from '../tokens/types.ts';
import type { VerifiedSignature } from './types.ts';

/**
 * Who is behind a signature, for whoever shares something out among callers: from the widest group that can be held responsible to
 * the caller itself. A name means something only together with those before it.
 */
export type ReplayCaller = readonly [string, ...string[]];

/**
 * Who is behind a verified request: the issuer and its agent; the Person Server, its person and the key of their agent, which such a
 * token does not name; a server; or a key, as one of all those that anybody can make for themselves.
 * AAuth Protocol, "Freshness and Replay"; the rule is (ours). Never throws.
 *
 * @param signature what verifying a request gave
 * @returns for {@link ReplayCache.claim}
 */
export function replayCaller(signature: VerifiedSignature<PresentedToken>): ReplayCaller {
  const { identity, jkt } = signature;
  switch (identity.scheme) {
    case 'jwt': {
      const { token } = identity;
      return token.type === 'aa-agent+jwt' ? [token.issuer, token.agent] : [token.issuer, token.subject, jkt];
    }
    case 'jwks_uri':
      return [identity.server];
    case 'jkt-jwt':
      return ['jkt-jwt', identity.stableKey.thumbprint];
    case 'hwk':
      return ['hwk', jkt];
  }
}
