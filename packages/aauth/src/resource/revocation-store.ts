import type { Clock } from '../clock.ts';
import { RateLimitError } from '../errors.ts';
import type { ServerIdentifier } from '../identifiers.ts';
import type { MetadataDocument, VerifiedTokenBase } from '../tokens/types.ts';

/** A token that its issuer has taken back. */
export interface Revocation {
  readonly issuer: ServerIdentifier;
  /** The role that the issuer spoke in. */
  readonly dwk: MetadataDocument;
  readonly jti: string;
  /** Seconds since the epoch. From then on the token is refused for its age, clock skew included, and this can be forgotten. */
  readonly expiresAt: number;
}

/**
 * Remembers revoked tokens by `(iss, jti)` (AAuth Protocol, "Token Revocation"). An implementation may share its memory between
 * replicas.
 */
export interface RevocationStore {
  /** Idempotent; also for tokens that were never seen. The next request that presents the token must find it here. */
  revoke(revocation: Revocation): void | Promise<void>;
  isRevoked(token: Pick<VerifiedTokenBase, 'issuer' | 'jti'>): boolean | Promise<boolean>;
}

/**
 * A {@link RevocationStore} in memory, for one process and until it ends. When it is full of revocations of one issuer that have
 * not expired, `revoke` throws RateLimitError (429 `rate_limited`) instead of forgetting one; other issuers are not affected.
 * AAuth Protocol, "Token Revocation".
 *
 * @param options.maxPerIssuer default 10,000
 * @param options.now the time by which revocations expire
 * @returns an empty store
 */
export function createRevocationStore(options: {
  readonly now: Clock;
  readonly maxPerIssuer?: number;
}): RevocationStore {
  const { now, maxPerIssuer = 10_000 } = options;
  const byIssuer = new Map<ServerIdentifier, Map<string, number>>();

  function makeRoom(revoked: Map<string, number>): void {
    if (revoked.size < maxPerIssuer) return;
    const time = now();
    for (const [jti, expiresAt] of revoked) if (expiresAt <= time) revoked.delete(jti);
    if (revoked.size < maxPerIssuer) return;
    const retryAfter = Math.max(1, Math.ceil(Math.min(...revoked.values()) - time));
    throw new RateLimitError('rate_limited', 'Too many revocations of this issuer are in force.', retryAfter);
  }

  return {
    revoke({ issuer, jti, expiresAt }) {
      const revoked = byIssuer.get(issuer) ?? new Map<string, number>();
      if (!revoked.has(jti)) makeRoom(revoked);
      revoked.set(jti, Math.max(expiresAt, revoked.get(jti) ?? 0));
      byIssuer.set(issuer, revoked);
    },
    isRevoked: ({ issuer, jti }) => byIssuer.get(issuer)?.has(jti) ?? false,
  };
}
