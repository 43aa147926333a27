import type { Clock } from '@aauth-stack/aauth/clock';
import { RequestError } from '@aauth-stack/aauth/errors';
import { type IdentifierPolicy, parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { recordAgentProvider } from '../agent-providers/changes.ts';
import type { Database } from '../db/database.ts';
import { type CarriedOut, type CarryOutOptions, carryOut } from '../decisions/carry-out.ts';
import type { Revocations } from '../revocation/revocations.ts';
import type { PersonSession } from '../session/person-session.ts';
import { findToken } from './records.ts';

export interface TokenDecisionsOptions extends CarryOutOptions {
  db: Database;
  identifiers: IdentifierPolicy;
  revocations: Pick<Revocations, 'revokeToken'>;
  now: Clock;
}

/** What the person decides about tokens that were issued. */
export interface TokenDecisions {
  /** @throws RequestError 404 | 409 */
  revoke(session: PersonSession, jti: string): Promise<CarriedOut<void>>;
}

export function createTokenDecisions(options: TokenDecisionsOptions): TokenDecisions {
  const { db, identifiers, revocations, now } = options;
  return {
    revoke: async (session, jti) => {
      const token = await findToken(db, jti);
      if (token?.personId !== session.personId) {
        throw new RequestError('not_found', 'None of your agents has this token.', { status: 404 });
      }
      const agentProvider = parseServerIdentifier(token.agentProvider, identifiers);
      await recordAgentProvider(db, agentProvider, now);
      const decision = { kind: 'revoke-token', agentProvider, subject: jti, agentName: token.audience } as const;
      return carryOut(options, session, decision, async () => {
        await revocations.revokeToken(session.personId, jti);
      });
    },
  };
}
