import type { Clock } from '@aauth-stack/aauth/clock';
import { RequestError, SignatureError } from '@aauth-stack/aauth/errors';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { asc, eq } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { trustedAgentProviders } from '../db/schema.ts';

/** A provider whose word the person takes on who its agents are. */
export type TrustedProvider = typeof trustedAgentProviders.$inferSelect;

/** Whose agents are listened to at all: the deployment's own provider's, and those of the providers that the person added. */
export interface Trust {
  isTrusted(issuer: ServerIdentifier, tx?: Database): Promise<boolean>;
  /** Those that the person added, in that order. */
  added(): Promise<TrustedProvider[]>;
  /** @throws RequestError 409 when it is trusted already */
  add(provider: { issuer: ServerIdentifier; displayName: string; personId: string }): Promise<TrustedProvider>;
  /** @throws RequestError 404 when it was not added; 409 for the deployment's own */
  remove(issuer: ServerIdentifier): Promise<TrustedProvider>;
}

export function createTrust({ db, own, now }: { db: Database; own: ServerIdentifier; now: Clock }): Trust {
  const conflict = (detail: string) => new RequestError('conflict', detail, { status: 409 });

  return {
    isTrusted: async (issuer, tx = db) => {
      if (issuer === own) return true;
      const rows = await tx.select().from(trustedAgentProviders).where(eq(trustedAgentProviders.issuer, issuer));
      return rows.length > 0;
    },

    added: () => db.select().from(trustedAgentProviders).orderBy(asc(trustedAgentProviders.addedAt)),

    add: async ({ issuer, displayName, personId }) => {
      if (issuer === own) throw conflict(`${issuer} is this deployment's own agent provider and trusted already.`);
      const [created] = await db
        .insert(trustedAgentProviders)
        .values({ issuer, displayName, addedBy: personId, addedAt: toDate(now()) })
        .onConflictDoNothing()
        .returning();
      if (created) return created;
      throw conflict(`${issuer} is trusted already.`);
    },

    remove: async (issuer) => {
      if (issuer === own) throw conflict(`${issuer} is this deployment's own agent provider; it is set at the start.`);
      const [removed] = await db
        .delete(trustedAgentProviders)
        .where(eq(trustedAgentProviders.issuer, issuer))
        .returning();
      if (removed) return removed;
      throw new RequestError('not_found', `${issuer} is not among the trusted agent providers.`, { status: 404 });
    },
  };
}

/** What an agent of a provider that does not count here is refused with: 401 `invalid_jwt`. */
export function untrustedProvider(issuer: ServerIdentifier): SignatureError {
  return new SignatureError(
    'invalid_jwt',
    `This Person Server does not trust the agent provider ${issuer}. The person can add it to those that it trusts.`,
    { cause: { claim: 'iss', received: issuer } },
  );
}
