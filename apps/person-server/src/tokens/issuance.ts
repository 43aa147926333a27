import type { Clock } from '@aauth-stack/aauth/clock';
import { TokenRequestError } from '@aauth-stack/aauth/errors';
import { type IssuedToken, RevokedTokenError } from '@aauth-stack/aauth/tokens';
import type { Logger } from '@aauth-stack/service/logger';
import { and, eq, isNotNull } from 'drizzle-orm';
import { type Trust, untrustedProvider } from '../agent-providers/trust.ts';
import { agentOf } from '../agents/ownership.ts';
import { recordDecision } from '../consent/decision-log.ts';
import type { GrantReason } from '../consent/policy.ts';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { issuedTokens, revokedTokens } from '../db/schema.ts';
import type { SigningKeys } from '../keys/signing-keys.ts';
import { holdOffRevocations } from '../revocation/lock.ts';
import { traceExchange } from '../token-requests/trace.ts';
import { type MintedFor, type MintOptions, mintToken } from './mint.ts';
import type { EarlierToken, TokenQuestion } from './question.ts';

/** That a token is granted, and why. */
interface Grant extends MintedFor {
  readonly reason: GrantReason;
  /** The request that waited for the person. */
  readonly pendingId?: string;
}

type Issued = IssuedToken<{ readonly sub: string }>;

/** Issues tokens, each with its record and the decision that it rests on. */
export interface Issuance {
  /**
   * @param within does what has to happen together with issuing or not at all; nothing is issued when it throws
   * @throws RevokedTokenError, TokenRequestError `revoked_…` when something that it rests on was revoked meanwhile
   */
  issue(
    question: TokenQuestion,
    grant: Grant,
    within?: (tx: Database, issued: Issued) => Promise<void>,
  ): Promise<Issued>;
}

export interface IssuanceOptions extends MintOptions {
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
export function createIssuance(options: IssuanceOptions): Issuance {
  const { db, trust, signingKeys, now, log } = options;
  return {
    issue: async (question, grant, within) => {
      const { type, resource, account, agent, upstream, presented } = question;
      const { personId, scope, reason, pendingId } = grant;
      const issued = await db.transaction(async (tx) => {
        await holdOffRevocations(tx);
        const known = await checkNothingRevoked(tx, question);
        if (!upstream && !(await trust.isTrusted(agent.provider, tx))) throw untrustedProvider(agent.provider);
        const { kid, key } = await signingKeys.active(tx);
        const token = await mintToken(options, question, grant, key);
        await tx.insert(issuedTokens).values({
          agentProvider: agent.provider,
          agentId: agent.id,
          jti: token.jti,
          type,
          kid,
          personId,
          agentJti: agent.agentToken.jti,
          jkt: agent.jkt,
          audience: resource,
          subject: token.claims.sub,
          scope: [...scope],
          account,
          reason,
          upstreamJti: upstream?.jti,
          presentedJti: presented?.jti,
          issuedAt: toDate(token.issuedAt),
          expiresAt: toDate(token.expiresAt),
        });
        const decision = { outcome: 'granted', reason, scope, jti: token.jti, pendingId, decidedAt: now() } as const;
        await recordDecision(tx, question, personId, { ...decision, agentName: known?.name ?? null });
        await within?.(tx, token);
        return token;
      });
      traceExchange(question, 'issued', { type, resource, scope, compact: issued.token });
      log.info(
        {
          agent: agent.id,
          agentProvider: agent.provider,
          type,
          resource,
          scope,
          reason,
          jti: issued.jti,
          expires_at: issued.expiresAt,
        },
        `issued a token of typ ${type} for ${resource} to ${agent.id}`,
      );
      return issued;
    },
  };
}

/** What is recorded of the agent, unless it or something else that the token would rest on was revoked. */
async function checkNothingRevoked(tx: Database, { agent, upstream, presented }: TokenQuestion) {
  const [revoked] = await tx
    .select({ jti: revokedTokens.jti })
    .from(revokedTokens)
    .where(and(eq(revokedTokens.issuer, agent.provider), eq(revokedTokens.jti, agent.agentToken.jti)));
  const known = await agentOf(tx, agent.provider, agent.id);
  if (revoked || known?.revokedAt) throw new RevokedTokenError(agent.agentToken);
  await checkStands(tx, 'upstream', upstream);
  await checkStands(tx, 'presented', presented);
  return known;
}

async function checkStands(
  tx: Database,
  parameter: 'upstream' | 'presented',
  token: EarlierToken | undefined,
): Promise<void> {
  if (!token) return;
  const [revoked] = await tx
    .select({ jti: issuedTokens.jti })
    .from(issuedTokens)
    .where(and(eq(issuedTokens.jti, token.jti), isNotNull(issuedTokens.revokedAt)));
  if (revoked) {
    throw new TokenRequestError(`revoked_${parameter}_token`, `The ${parameter} token has just been revoked.`);
  }
}
