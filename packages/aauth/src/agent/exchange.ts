import { tokenTypes, type VerifiedAuthToken, type VerifiedResourceToken } from '../tokens/types.ts';
import { createTokenVerifier } from '../tokens/verify-token.ts';
import { type Access, accessId } from './access.ts';
import type { Agent } from './agent.ts';
import type { Call } from './call.ts';
import type { Grant } from './held-tokens.ts';
import { reportPending } from './pending-events.ts';
import { askForToken, readToken } from './person-server.ts';
import { checkToken } from './token-checks.ts';

/** A resource token that has been verified, and the token that the resource made it from. */
export interface Challenge {
  readonly resourceToken: VerifiedResourceToken;
  /** The person or auth token that was presented, in compact form. */
  readonly presentedToken: string;
}

/**
 * Exchanges a resource token for an auth token at the person server, once for all concurrent calls that are asked for the same
 * (AAuth Protocol, "PS Token Endpoint").
 *
 * @throws what {@link askForToken} and {@link readToken} throw; PeerError `invalid_response` for a token that is not the one asked for
 */
export function exchangeResourceToken(call: Call, access: Access, challenge: Challenge): Promise<Grant> {
  const { agent, request, emit } = call;
  const { scope: requested, account, loginHint, compact } = challenge.resourceToken;
  const key = JSON.stringify([accessId(access), [...requested].sort(), account]);
  return agent.grants.join(key, { signal: request.signal, emit }, async (flight) => {
    const { personServer, upstream, credentials } = access;
    flight.emit({ type: 'exchange-requested', personServer, scope: requested, chained: upstream !== undefined });
    const onPending = reportPending(flight.emit, { awaiting: 'auth-token', server: personServer });
    const body = {
      resource_token: compact,
      presented_token: challenge.presentedToken,
      upstream_token: upstream?.token,
      justification: agent.justification,
      login_hint: loginHint,
    };
    const question = { personServer, endpoint: 'auth_token_endpoint', body, onPending } as const;
    const response = await askForToken(agent, { ...question, credentials, signal: flight.signal });
    const answer = await readToken(agent, access, response, 'auth_token');
    const token = await verify(agent, access, challenge.resourceToken, answer);
    const grant = { token, requested, account };
    agent.held.shelf(access).keepGrant(grant);
    flight.emit({ type: 'exchange-received', personServer, scope: token.scope, claims: token.claims });
    return grant;
  });
}

/** AAuth Protocol, "Auth Token Response Verification". */
function verify(
  agent: Agent,
  { resource, personServer, credentials }: Access,
  resourceToken: VerifiedResourceToken,
  compact: string,
): Promise<VerifiedAuthToken> {
  const issuer = resourceToken.audience;
  const verifyToken = createTokenVerifier({
    ...agent.verification,
    accepts: [tokenTypes.auth],
    audience: resource,
    personServers: [{ issuer: personServer }],
    // Its `iss` is the `aud` of the resource token: the person server, or else the resource's own access server.
    accessServer: issuer === personServer ? undefined : { issuer },
  });
  return checkToken(
    `The auth token of ${personServer}`,
    'invalid_response',
    () => verifyToken(compact),
    (token) => [
      { claim: 'ps', expected: personServer, received: token.personServer },
      { claim: 'sub', expected: resourceToken.subject, received: token.subject },
      { claim: 'cnf', expected: credentials.key.thumbprint, received: token.key.thumbprint },
    ],
  );
}
