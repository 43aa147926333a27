import { agentDomain, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { type CarryOutOptions, carryOut } from '../decisions/carry-out.ts';
import type { Revocations } from '../revocation/revocations.ts';
import type { PersonSession } from '../session/person-session.ts';
import { type PublishedOptions, probeProvider } from './published.ts';
import { recordAgentProvider } from './record-provider.ts';
import type { Trust, TrustedProvider } from './trust.ts';

const longestName = 100;

export interface TrustDecisionsOptions extends CarryOutOptions, PublishedOptions {
  trust: Trust;
  revocations: Pick<Revocations, 'revokeAgentsOf'>;
}

/** What the person decides about agent providers. */
export interface TrustDecisions {
  /** @throws RequestError 400 when it is no agent provider, 409 when it is trusted already, 502 */
  add(session: PersonSession, issuer: ServerIdentifier, displayName: string | undefined): Promise<TrustedProvider>;
  /** Takes back what its agents hold, too. @throws RequestError 404 | 409 */
  remove(session: PersonSession, issuer: ServerIdentifier): Promise<TrustedProvider>;
}

export function createTrustDecisions(options: TrustDecisionsOptions): TrustDecisions {
  const { db, trust, revocations, now } = options;
  return {
    add: async (session, issuer, name) => {
      const { metadata } = await probeProvider(issuer, options);
      const displayName = (name ?? metadata.name ?? agentDomain(issuer)).slice(0, longestName);
      await recordAgentProvider(db, issuer, now);
      const decision = { kind: 'provider-added', agentProvider: issuer } as const;
      return carryOut(options, session, decision, () => trust.add({ issuer, displayName, personId: session.personId }));
    },

    remove: async (session, issuer) => {
      const decision = { kind: 'provider-removed', agentProvider: issuer } as const;
      return carryOut(options, session, decision, async () => {
        const removed = await trust.remove(issuer);
        await revocations.revokeAgentsOf(issuer);
        return removed;
      });
    },
  };
}
