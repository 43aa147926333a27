import type { Clock } from '@aauth-stack/aauth/clock';
import { and, gt, inArray, isNull, or, type SQL } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { issuedTokens, revocationNotices } from '../db/schema.ts';
import type { TokenRecord } from '../tokens/records.ts';

/**
 * Revokes the valid tokens that a condition names, and everything that was issued on the strength of one of them: further down a
 * chain of calls, and in exchange for a token that was presented. The resource of each is going to be told.
 *
 * @param tx a transaction that holds off issuing
 */
export async function revokeTokens(tx: Database, condition: SQL | undefined, now: Clock): Promise<TokenRecord[]> {
  const revokedAt = toDate(now());
  const all: TokenRecord[] = [];
  let next = condition;
  while (next) {
    const revoked = await tx
      .update(issuedTokens)
      .set({ revokedAt })
      .where(and(next, isNull(issuedTokens.revokedAt), gt(issuedTokens.expiresAt, revokedAt)))
      .returning();
    if (revoked.length === 0) break;
    const jtis = revoked.map(({ jti }) => jti);
    await tx
      .insert(revocationNotices)
      .values(jtis.map((jti) => ({ jti, outcome: 'waiting' as const, attempts: 0, nextAttemptAt: revokedAt })));
    all.push(...revoked);
    next = or(inArray(issuedTokens.upstreamJti, jtis), inArray(issuedTokens.presentedJti, jtis));
  }
  return all;
}
