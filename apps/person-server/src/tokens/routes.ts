import type { Clock } from '@aauth-stack/aauth/clock';
import { RequestError } from '@aauth-stack/aauth/errors';
import type { Database } from '../db/database.ts';
import type { AppContext } from '../environment.ts';
import { currentSession } from '../session/person-session.ts';
import { type ListedToken, listTokens } from './records.ts';
import type { TokenDecisions } from './token-decisions.ts';

const longestList = 500;

/** GET /person/issued-tokens: what has not expired, the newest first. */
export function listIssuedTokens({ db, now }: { db: Database; now: Clock }) {
  return async (c: AppContext) => {
    const { personId } = currentSession(c);
    const tokens = await listTokens(db, { personId, time: now(), limit: longestList });
    return c.json(tokens.map(shown));
  };
}

/** POST /person/issued-tokens/{jti}/revoke */
export function revokeIssuedToken(tokenDecisions: TokenDecisions) {
  return async (c: AppContext) => {
    await tokenDecisions.revoke(currentSession(c), tokenId(c));
    return c.json({});
  };
}

/** The token that the path names. What cannot be an identifier of ours is not looked for. */
export function tokenId(c: AppContext): string {
  const jti = c.req.param('jti') ?? '';
  if (/^[\w-]{1,64}$/.test(jti)) return jti;
  throw new RequestError('not_found', 'There is no such token.', { status: 404 });
}

function shown(token: ListedToken) {
  return {
    jti: token.jti,
    type: token.type,
    agent_id: token.agentId,
    agent_provider: token.agentProvider,
    resource: token.audience,
    sub: token.subject,
    scope: token.scope.join(' '),
    account: token.account,
    upstream_jti: token.upstreamJti,
    issued_at: token.issuedAt.toISOString(),
    expires_at: token.expiresAt.toISOString(),
    revoked_at: token.revokedAt?.toISOString() ?? null,
    /** Whether the resource was told of the revocation: waiting, told, unsupported or refused. */
    resource_notice: token.notice,
  };
}
