import { PeerError } from '../errors.ts';
import { tokenTypes, type VerifiedAuthToken, type VerifiedResourceToken } from '../tokens/types.ts';
import { createTokenVerifier } from '../tokens/verify-token.ts';
import type { Access } from './access.ts';
import type { Agent, SharedEvent } from './agent.ts';
import type { Call } from './call.ts';
import type { Grant } from './held-tokens.ts';
import { askForToken, readToken } from './person-server.ts';
import { flightId } from './person-token.ts';
import { requestResourceToken } from './request-resource-token.ts';
import { presentedToken, type Standing } from './standing.ts';
import { checkToken } from './token-checks.ts';

/** A resource token that has been verified, and the token that the resource made it from. */
export interface Challenge {
  readonly resourceToken: VerifiedResourceToken;
  /** What was presented: a person or auth token. */
  readonly standing: Standing;
}

/**
 * Exchanges a resource token for an auth token at the person server, once for all concurrent calls that are asked for the same
 * (AAuth Protocol, "PS Token Endpoint").
 *
 * @throws what {@link askForToken} and {@link readToken} throw; PeerError `invalid_response` for a token that is not the one asked for
 */
export function exchangeResourceToken(call: Call, access: Access, challenge: Challenge): Promise<Grant> {
  const { agent, request, emit } = call;
  const { resourceToken, standing } = challenge;
  const { scope, account, loginHint, compact } = resourceToken;
  const id = flightId(call, access, [...scope].sort(), account);
  return agent.grants.join(id, { signal: request.signal, emit }, async (flight) => {
    const { personServer, upstream, credentials } = access;
    const presented = { presented_token: presentedToken(standing) };
    // What the resource asked for stays decided on, also when the agent has asked for something else in its place.
    const requested = new Set(scope);
    flight.emit({ type: 'exchange-requested', personServer, scope, chained: upstream !== undefined });
    const body = { resource_token: compact, ...presented, upstream_token: upstream?.token, login_hint: loginHint };
    const question = { personServer, endpoint: 'auth_token_endpoint', body, awaiting: 'auth-token' } as const;
    let personWasAsked = false;
    const response = await askForToken(call, {
      ...question,
      signal: flight.signal,
      emit(event) {
        personWasAsked ||= asksThePerson(event);
        flight.emit(event);
      },
      credentials,
      async update(scope) {
        const updated = await requestResourceToken(call, standing, { scope, account }, flight.signal);
        if (updated.audience !== resourceToken.audience) throw movedAway(updated, resourceToken);
        for (const name of updated.scope) requested.add(name);
        return { resource_token: updated.compact, ...presented };
      },
    });
    const answer = await readToken(agent, access, response, 'auth_token');
    const token = await verify(agent, access, resourceToken, answer);
    const grant = { token, requested: [...requested], account, work: personWasAsked ? call.work : undefined };
    agent.held.shelf(access).keepGrant(grant);
    flight.emit({ type: 'exchange-received', personServer, scope: token.scope, claims: token.claims });
    return grant;
  });
}

function asksThePerson(event: SharedEvent): boolean {
  return event.type === 'deferred' && event.pending.requirement?.requirement === 'interaction';
}

function movedAway(updated: VerifiedResourceToken, original: VerifiedResourceToken): PeerError {
  const detail = `The updated resource token of ${updated.issuer} is for ${updated.audience}, not ${original.audience}.`;
  return new PeerError('invalid_resource_token', 502, detail);
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
