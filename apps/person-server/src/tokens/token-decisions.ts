import { RequestError } from '@aauth-stack/aauth/errors';
import { type CarryOutOptions, carryOut } from '../decisions/carry-out.ts';
import type { Revocations } from '../revocation/revocations.ts';
import type { PersonSession } from '../session/person-session.ts';
import { findToken } from './records.ts';

export interface TokenDecisionsOptions extends CarryOutOptions {
  revocations: Pick<Revocations, 'revokeToken'>;
}

/** What the person decides about tokens that were issued. */
export interface TokenDecisions {
  /** @throws RequestError 404 | 409 */
  revoke(session: PersonSession, jti: string): Promise<void>;
}

export function createTokenDecisions(options: TokenDecisionsOptions): TokenDecisions {
  const { db, revocations } = options;
  return {
    revoke: async (session, jti) => {
      const token = await findToken(db, jti);
      if (token?.personId !== session.personId) {
        throw new RequestError('not_found', 'None of your agents has this token.', { status: 404 });
      }
      const { agentProvider, agentId, audience: resource, scope, type: tokenType } = token;
      const decision = { kind: 'token-revoked', agentProvider, agentId, resource, scope, tokenType, jti } as const;
      await carryOut(options, session, decision, async () => {
        await revocations.revokeToken(session.personId, jti);
      });
    },
  };
}
