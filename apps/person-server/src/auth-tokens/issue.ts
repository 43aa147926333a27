import type { Clock } from '@aauth-stack/aauth/clock';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { issueAuthToken, tokenTypes } from '@aauth-stack/aauth/tokens';
import type { AppContext } from '../environment.ts';
import type { Issuance } from '../tokens/issuance.ts';

export interface AuthTokenOptions {
  issuer: ServerIdentifier;
  issuance: Issuance;
  /** Seconds. */
  lifetime: number;
  now: Clock;
}

/**
 * POST /auth-token: what the checks before it have left to do. It ends no later than the agent token, the presented token and
 * the upstream token.
 */
export function authToken({ issuer, issuance, lifetime, now }: AuthTokenOptions) {
  return async (c: AppContext) => {
    const [agentToken, upstream] = [c.get('agentToken'), c.get('upstream')];
    const [resourceToken, presented] = [c.get('resourceToken'), c.get('presented')];
    const { issuer: audience, scope, account } = resourceToken;
    const facts = { type: tokenTypes.auth, audience, scope, account, presentedJti: presented.token.jti };
    const { token, claims } = await issuance.issue(c, facts, (key) =>
      issueAuthToken({
        issuer,
        audience,
        subject: resourceToken.subject,
        personServer: issuer,
        scope,
        account,
        cnf: agentToken.key.publicJwk,
        key,
        notAfter: [agentToken, presented.token, ...(upstream ? [upstream.token] : [])].map((used) => used.expiresAt),
        lifetime,
        now,
      }),
    );
    return c.json({ auth_token: token, expires_in: claims.exp - claims.iat });
  };
}
