import type { Clock } from '@aauth-stack/aauth/clock';
import { agentDomain, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { Database } from '../db/database.ts';
import { type CarriedOut, type CarryOutOptions, carryOut } from '../decisions/carry-out.ts';
import type { Revocations } from '../revocation/revocations.ts';
import type { PersonSession } from '../session/person-session.ts';
import { recordAgentProvider } from './changes.ts';
import { type PublishedOptions, probeProvider } from './published.ts';
import type { Trust, TrustedProvider } from './trust.ts';

const longestName = 100;

export interface TrustDecisionsOptions extends CarryOutOptions, PublishedOptions {
  db: Database;
  trust: Trust;
  revocations: Pick<Revocations, 'revokeAgentsOf'>;
  now: Clock;
}

/** What the person decides about agent providers. */
export interface TrustDecisions {
  /** @throws RequestError 400 when it is no agent provider, 409 when it is trusted already; UnavailableError */
  add(
    session: PersonSession,
    issuer: ServerIdentifier,
    displayName: string | undefined,
  ): Promise<CarriedOut<TrustedProvider>>;
  /** Takes back what its agents hold, too. @throws RequestError 404 | 409 */
  remove(session: PersonSession, issuer: ServerIdentifier): Promise<CarriedOut<TrustedProvider>>;
}

export function createTrustDecisions(options: TrustDecisionsOptions): TrustDecisions {
  const { db, trust, revocations, now } = options;
  return {
    add: async (session, issuer, name) => {
      const { metadata } = await probeProvider(issuer, options);
      const displayName = (name ?? metadata.name ?? agentDomain(issuer)).slice(0, longestName);
      await recordAgentProvider(db, issuer, now);
      const decision = { kind: 'trust', agentProvider: issuer, subject: issuer, agentName: displayName } as const;
      return carryOut(options, session, decision, () => trust.add({ issuer, displayName, personId: session.personId }));
    },

    remove: async (session, issuer) => {
      const known = (await trust.added()).find((provider) => provider.issuer === issuer);
      await recordAgentProvider(db, issuer, now);
      const agentName = known?.displayName ?? agentDomain(issuer);
      const decision = { kind: 'distrust', agentProvider: issuer, subject: issuer, agentName } as const;
      return carryOut(options, session, decision, async () => {
        const removed = await trust.remove(issuer);
        await revocations.revokeAgentsOf(issuer);
        return removed;
      });
    },
  };
}
