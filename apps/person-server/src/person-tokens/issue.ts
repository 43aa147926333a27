import type { Clock } from '@aauth-stack/aauth/clock';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { issuePersonToken, tokenTypes } from '@aauth-stack/aauth/tokens';
import type { AppContext } from '../environment.ts';
import type { DirectedSubject } from '../tokens/directed-subject.ts';
import type { Issuance } from '../tokens/issuance.ts';

export interface PersonTokenOptions {
  issuer: ServerIdentifier;
  issuance: Issuance;
  directedSubject: DirectedSubject;
  /** Seconds. */
  lifetime: number;
  now: Clock;
}

/** POST /person-token: what the checks before it have left to do. It ends no later than the agent token and the upstream token. */
export function personToken({ issuer, issuance, directedSubject, lifetime, now }: PersonTokenOptions) {
  return async (c: AppContext) => {
    const [agentToken, upstream, personId] = [c.get('agentToken'), c.get('upstream'), c.get('personId')];
    const audience = c.get('resource');
    const { token, claims } = await issuance.issue(c, { type: tokenTypes.person, audience, scope: [] }, (key) =>
      issuePersonToken({
        issuer,
        audience,
        subject: directedSubject(personId, audience),
        cnf: agentToken.key.publicJwk,
        key,
        notAfter: [agentToken.expiresAt, ...(upstream ? [upstream.token.expiresAt] : [])],
        lifetime,
        now,
      }),
    );
    return c.json({ person_token: token, expires_in: claims.exp - claims.iat });
  };
}
