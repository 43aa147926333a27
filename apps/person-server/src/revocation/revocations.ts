import type { Clock } from '@aauth-stack/aauth/clock';
import { RateLimitError, RequestError } from '@aauth-stack/aauth/errors';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { Revocation, RevocationStore } from '@aauth-stack/aauth/resource';
import { metadataDocuments } from '@aauth-stack/aauth/tokens';
import type { Logger } from '@aauth-stack/service/logger';
import { and, count, eq, exists, gt, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm';
import { recordActivity } from '../activity/record.ts';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { acceptedAgentTokens, agents, consents, issuedTokens, pendingRequests, revokedTokens } from '../db/schema.ts';
import { revokePending } from '../pending/pending-requests.ts';
import type { PersonSession } from '../session/person-session.ts';
import { type RevokedTokens, revokeTokens } from './cascade.ts';
import { holdOffIssuing } from './lock.ts';

/** How many revocations of one issuer are kept at one time. */
const maxPerIssuer = 10_000;

/**
 * Everything that ends a token here. Once a method has returned, nothing is issued any more on what it revoked, and the resources
 * of what had been issued were told, or will be as soon as they can be reached.
 */
export interface Revocations extends RevocationStore {
  /** Everything that an agent has, for good: it gets nothing any more. */
  revokeAgent(agentProvider: ServerIdentifier, agentId: string): Promise<void>;
  /** Everything that the agents of a provider have. */
  revokeAgentsOf(agentProvider: ServerIdentifier): Promise<void>;
  /** @throws RequestError 404 when it is none of the person's; 409 when it is revoked already or has expired */
  revokeToken(personId: string, jti: string): Promise<void>;
  /**
   * Takes a consent back, and with it whatever the agent has for that resource.
   *
   * @returns how many tokens that revokes
   * @throws RequestError 404 when it is none of the person's; 409 when it does not hold any more
   */
  withdrawConsent(session: PersonSession, consentId: string): Promise<number>;
}

export interface RevocationsOptions {
  db: Database;
  now: Clock;
  log: Logger;
  /** Tells the resources what is waiting; returns when that was tried, or would take too long to wait for. */
  tellResources: () => Promise<void>;
}

/** What a revocation takes with it: tokens, and requests that wait for the person or for their agent. */
interface Affected {
  readonly tokens: SQL | undefined;
  readonly requests: SQL | undefined;
}

export function createRevocations({ db, now, log, tellResources }: RevocationsOptions): Revocations {
  const revoke = async (why: object, select: (tx: Database) => Promise<Affected>): Promise<number> => {
    const { total, some } = await db.transaction(async (tx) => {
      await holdOffIssuing(tx);
      const { tokens, requests } = await select(tx);
      const revoked = tokens ? await revokeTokens(tx, tokens, toDate(now())) : none;
      await revokePending(tx, revoked.total > 0 ? or(requests, restsOnRevoked(tx)) : requests, now());
      return revoked;
    });
    if (total > 0) {
      log.info({ ...why, jtis: some }, `revoked ${total === 1 ? 'a token' : `${total} tokens`}`);
      await tellResources();
    }
    return total;
  };

  return {
    isRevoked: async ({ issuer, jti }) => {
      const [row] = await db
        .select({ jti: revokedTokens.jti })
        .from(revokedTokens)
        .where(and(eq(revokedTokens.issuer, issuer), eq(revokedTokens.jti, jti)));
      return row !== undefined;
    },

    revoke: async (revocation) => {
      const { issuer, jti } = revocation;
      await revoke({ issuer, jti }, async (tx) => {
        await remember(tx, revocation, now);
        return ofAgentToken(tx, revocation);
      });
    },

    revokeAgent: async (agentProvider, agentId) => {
      await revoke({ agent: agentId, agentProvider }, async (tx) => {
        await tx
          .update(agents)
          .set({ revokedAt: toDate(now()) })
          .where(and(eq(agents.agentProvider, agentProvider), eq(agents.agentId, agentId), isNull(agents.revokedAt)));
        return ofAgent(agentProvider, agentId);
      });
    },

    revokeAgentsOf: async (agentProvider) => {
      await revoke({ agentProvider }, async () => ({
        tokens: eq(issuedTokens.agentProvider, agentProvider),
        requests: eq(pendingRequests.agentProvider, agentProvider),
      }));
    },

    withdrawConsent: async ({ personId, via }, consentId) => {
      const revoked = await revoke({ consent: consentId }, async (tx) => {
        const own = and(eq(consents.id, consentId), eq(consents.personId, personId));
        const [withdrawn] = await tx
          .update(consents)
          .set({ withdrawnAt: toDate(now()) })
          .where(
            and(
              own,
              isNull(consents.withdrawnAt),
              or(eq(consents.remembered, true), gt(consents.validUntil, toDate(now()))),
            ),
          )
          .returning();
        if (withdrawn) {
          const { agentProvider, agentId, resource, scope, type: tokenType } = withdrawn;
          const consent = { agentProvider, agentId, resource, scope, tokenType };
          await recordActivity(tx, { ...consent, kind: 'consent-withdrawn', personId, via, at: now() });
          return ofConsent(withdrawn);
        }
        const [existing] = await tx.select().from(consents).where(own);
        throw existing
          ? new RequestError('conflict', 'This consent does not hold any more.', { status: 409 })
          : new RequestError('not_found', 'There is no such consent.', { status: 404 });
      });
      log.info({ consent: consentId }, 'The person took a consent back.');
      return revoked;
    },

    revokeToken: async (personId, jti) => {
      const own = and(eq(issuedTokens.jti, jti), eq(issuedTokens.personId, personId));
      if ((await revoke({ jti }, async () => ({ tokens: own, requests: undefined }))) > 0) return;
      const [existing] = await db.select().from(issuedTokens).where(own);
      throw existing
        ? new RequestError('conflict', 'This token is revoked already, or has expired.', { status: 409 })
        : new RequestError('not_found', 'None of your agents has this token.', { status: 404 });
    },
  };
}

const none: RevokedTokens = { total: 0, some: [] };

/** Requests of which the token would rest on one that is revoked. */
function restsOnRevoked(tx: Database): SQL {
  const isRevoked = isNotNull(issuedTokens.revokedAt);
  const revoked = (jti: typeof pendingRequests.presentedJti | typeof pendingRequests.upstreamJti) =>
    exists(
      tx
        .select({ jti: issuedTokens.jti })
        .from(issuedTokens)
        .where(and(eq(issuedTokens.jti, jti), isRevoked)),
    );
  return sql`(${revoked(pendingRequests.presentedJti)} or ${revoked(pendingRequests.upstreamJti)})`;
}

async function remember(tx: Database, { issuer, jti, expiresAt }: Revocation, now: Clock): Promise<void> {
  const [row] = await tx
    .select({ total: count() })
    .from(revokedTokens)
    .where(and(eq(revokedTokens.issuer, issuer), gt(revokedTokens.expiresAt, toDate(now()))));
  if ((row?.total ?? 0) >= maxPerIssuer) {
    throw new RateLimitError('rate_limited', `Too many revocations of ${issuer} are in force.`, 60);
  }
  await tx
    .insert(revokedTokens)
    .values({ issuer, jti, revokedAt: toDate(now()), expiresAt: toDate(expiresAt) })
    .onConflictDoUpdate({
      target: [revokedTokens.issuer, revokedTokens.jti],
      set: { expiresAt: sql`greatest(${revokedTokens.expiresAt}, excluded.expires_at)` },
    });
}

// What an agent provider takes back is an agent token; with it goes what that agent has, whichever of its tokens it was for.
async function ofAgentToken(tx: Database, { issuer, jti, dwk }: Revocation): Promise<Affected> {
  if (dwk !== metadataDocuments.agentProvider) return { tokens: undefined, requests: undefined };
  const [accepted] = await tx
    .select()
    .from(acceptedAgentTokens)
    .where(and(eq(acceptedAgentTokens.issuer, issuer), eq(acceptedAgentTokens.jti, jti)));
  return accepted ? ofAgent(issuer, accepted.agentId) : { tokens: undefined, requests: undefined };
}

function ofConsent({ id, agentProvider, agentId, resource }: typeof consents.$inferSelect): Affected {
  return {
    tokens: and(
      eq(issuedTokens.agentProvider, agentProvider),
      eq(issuedTokens.agentId, agentId),
      eq(issuedTokens.audience, resource),
    ),
    requests: eq(pendingRequests.consentId, id),
  };
}

function ofAgent(agentProvider: ServerIdentifier, agentId: string): Affected {
  return {
    tokens: and(eq(issuedTokens.agentProvider, agentProvider), eq(issuedTokens.agentId, agentId)),
    requests: and(eq(pendingRequests.agentProvider, agentProvider), eq(pendingRequests.agentId, agentId)),
  };
}
