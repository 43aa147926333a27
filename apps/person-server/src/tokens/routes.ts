import type { Clock } from '@aauth-stack/aauth/clock';
import { RequestError } from '@aauth-stack/aauth/errors';
import { nameAgents } from '../agents/agent-label.ts';
import type { Database } from '../db/database.ts';
import type { AppContext } from '../environment.ts';
import { readPageRequest } from '../paging.ts';
import type { ResourceCatalogue } from '../resources/catalogue.ts';
import { currentSession } from '../session/person-session.ts';
import { type ListedToken, listTokens } from './records.ts';
import type { TokenDecisions } from './token-decisions.ts';

const defaultLimit = 100;

export interface TokenRouteOptions {
  db: Database;
  catalogue: ResourceCatalogue;
  now: Clock;
}

/** GET /person/issued-tokens?before=&limit=: what has not expired, the newest first. */
export function listIssuedTokens({ db, catalogue, now }: TokenRouteOptions) {
  return async (c: AppContext) => {
    const { personId } = currentSession(c);
    const { entries, next } = await listTokens(db, { personId, time: now(), ...readPageRequest(c, defaultLimit) });
    catalogue.refresh(entries.map(({ audience }) => audience));
    const nameOf = await nameAgents(catalogue, entries);
    return c.json({ tokens: entries.map((token) => ({ ...shown(token), agent_name: nameOf(token) })), next });
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
function tokenId(c: AppContext): string {
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
    audience: token.audience,
    audience_name: token.audienceName,
    subject: token.subject,
    scope: token.scope,
    account: token.account,
    jkt: token.jkt,
    kid: token.kid,
    upstream_jti: token.upstreamJti,
    presented_jti: token.presentedJti,
    on_behalf_of: token.onBehalfOf,
    reason: token.reason,
    issued_at: token.issuedAt.toISOString(),
    expires_at: token.expiresAt.toISOString(),
    revoked_at: token.revokedAt?.toISOString() ?? null,
    notice: token.notice,
  };
}
