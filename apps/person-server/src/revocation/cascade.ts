import { and, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { issuedTokens, revocationNotices } from '../db/schema.ts';

/** What was revoked, as far as anybody needs to read it. */
export interface RevokedTokens {
  readonly total: number;
  /** Identifiers of the first of them. */
  readonly some: readonly string[];
}

const mostNamed = 20;

/**
 * Revokes the valid tokens that a condition names, and everything that was issued on the strength of one of them: further down a
 * chain of calls, and in exchange for a token that was presented. The resource of each is going to be told. It is one statement:
 * an agent may have any number of tokens.
 *
 * @param tx a transaction that holds off issuing
 */
export async function revokeTokens(tx: Database, condition: SQL, revokedAt: Date): Promise<RevokedTokens> {
  const at = sql`${revokedAt.toISOString()}::timestamptz`;
  const isValid = sql`${issuedTokens.revokedAt} is null and ${issuedTokens.expiresAt} > ${at}`;
  const [revoked] = await tx.execute<{ total: number; some: string[] | null }>(sql`
    with recursive affected as (
      select ${issuedTokens.jti} from ${issuedTokens} where ${and(condition, isValid)}
      union
      select resting.jti from affected, lateral (
        select ${issuedTokens.jti} from ${issuedTokens} where ${issuedTokens.upstreamJti} = affected.jti and ${isValid}
        union all
        select ${issuedTokens.jti} from ${issuedTokens} where ${issuedTokens.presentedJti} = affected.jti and ${isValid}
      ) resting
    ), revoked as (
      update ${issuedTokens} set revoked_at = ${at}
      where ${issuedTokens.jti} = any(array(select jti from affected))
      returning ${issuedTokens.jti}
    ), noted as (
      insert into ${revocationNotices} (jti, outcome, attempts, next_attempt_at)
      select jti, 'waiting', 0, ${at} from revoked
    )
    select count(*)::int as total, (array_agg(jti))[1:${sql.raw(String(mostNamed))}] as some from revoked`);
  return { total: revoked?.total ?? 0, some: revoked?.some ?? [] };
}
