import type { Clock } from '@aauth-stack/aauth/clock';
import { TokenRequestError } from '@aauth-stack/aauth/errors';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { SigningKey } from '@aauth-stack/aauth/keys';
import { type IssuedToken, RevokedTokenError } from '@aauth-stack/aauth/tokens';
import type { Logger } from '@aauth-stack/service/logger';
import { and, eq, isNotNull } from 'drizzle-orm';
import { type Trust, untrustedProvider } from '../agent-providers/trust.ts';
import { agentOf } from '../agents/ownership.ts';
import { recordDecision } from '../consent/decision-log.ts';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { issuedTokens, revokedTokens } from '../db/schema.ts';
import type { AppContext } from '../environment.ts';
import type { SigningKeys } from '../keys/signing-keys.ts';
import { holdOffRevocations } from '../revocation/lock.ts';
import { traceExchange } from '../token-requests/trace.ts';
import { agentFacts } from '../token-requests/verify-agent.ts';
import type { OwnToken } from './own-tokens.ts';
import type { TokenRecord } from './records.ts';

/** What the record of a token holds beside what is the same for all that a request is issued. */
export interface IssuanceFacts {
  readonly type: TokenRecord['type'];
  readonly audience: ServerIdentifier;
  readonly scope: readonly string[];
  readonly account?: string | undefined;
  readonly presentedJti?: string;
}

interface SubjectClaim {
  readonly sub: string;
}

/** Issues tokens, each with its record and the decision that it rests on. */
export interface Issuance {
  /**
   * @param mint makes the token with the key that signs now
   * @throws RevokedTokenError, TokenRequestError `revoked_…` when something that it rests on was revoked meanwhile
   */
  issue<Claims extends SubjectClaim>(
    c: AppContext,
    facts: IssuanceFacts,
    mint: (key: SigningKey) => Promise<IssuedToken<Claims>>,
  ): Promise<IssuedToken<Claims>>;
}

export interface IssuanceOptions {
  db: Database;
  trust: Trust;
  signingKeys: SigningKeys;
  now: Clock;
  log: Logger;
}

/**
 * The token, its record and its decision are one transaction, which no revocation and no rotation of the key comes in between
 * of: once either has committed, no token exists that it does not know of.
 */
export function createIssuance({ db, trust, signingKeys, now, log }: IssuanceOptions): Issuance {
  return {
    issue: async (c, facts, mint) => {
      const { type, audience, scope, account, presentedJti } = facts;
      const [agentToken, upstream, personId] = [c.get('agentToken'), c.get('upstream'), c.get('personId')];
      const agent = { agentProvider: agentToken.issuer, agentId: agentToken.agent };
      const issued = await db.transaction(async (tx) => {
        await holdOffRevocations(tx);
        await checkNothingRevoked(tx, c, presentedJti !== undefined);
        if (!upstream && !(await trust.isTrusted(agentToken.issuer, tx))) throw untrustedProvider(agentToken.issuer);
        const { kid, key } = await signingKeys.active(tx);
        const token = await mint(key);
        await tx.insert(issuedTokens).values({
          ...agent,
          jti: token.jti,
          type,
          kid,
          personId,
          agentJti: agentToken.jti,
          jkt: agentToken.key.thumbprint,
          audience,
          subject: token.claims.sub,
          scope: [...scope],
          account,
          upstreamJti: upstream?.token.jti,
          presentedJti,
          issuedAt: toDate(token.issuedAt),
          expiresAt: toDate(token.expiresAt),
        });
        await recordDecision(tx, c, {
          tokenType: type,
          resource: audience,
          scope,
          outcome: 'granted',
          reason: c.get('grantedFor'),
          jti: token.jti,
          decidedAt: now(),
        });
        return token;
      });
      traceExchange(c, 'issued', { type, resource: audience, scope, claims: issued.claims });
      log.info(
        { ...agentFacts(c), type, resource: audience, scope, jti: issued.jti, expires_at: issued.expiresAt },
        `issued a token of typ ${type} for ${audience} to ${agentToken.agent}`,
      );
      return issued;
    },
  };
}

async function checkNothingRevoked(tx: Database, c: AppContext, isExchange: boolean): Promise<void> {
  const agentToken = c.get('agentToken');
  const { issuer, jti, agent } = agentToken;
  const [revoked] = await tx
    .select({ jti: revokedTokens.jti })
    .from(revokedTokens)
    .where(and(eq(revokedTokens.issuer, issuer), eq(revokedTokens.jti, jti)));
  if (revoked || (await agentOf(tx, issuer, agent))?.revokedAt) throw new RevokedTokenError(agentToken);
  await checkStands(tx, 'upstream', c.get('upstream'));
  if (isExchange) await checkStands(tx, 'presented', c.get('presented'));
}

async function checkStands(
  tx: Database,
  parameter: 'upstream' | 'presented',
  own: OwnToken | undefined,
): Promise<void> {
  if (!own) return;
  const [revoked] = await tx
    .select({ jti: issuedTokens.jti })
    .from(issuedTokens)
    .where(and(eq(issuedTokens.jti, own.token.jti), isNotNull(issuedTokens.revokedAt)));
  if (revoked) {
    throw new TokenRequestError(`revoked_${parameter}_token`, `The ${parameter} token has just been revoked.`);
  }
}
