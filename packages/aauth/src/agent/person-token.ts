import { PeerError, UnavailableError } from '../errors.ts';
import { tokenTypes, type VerifiedPersonToken } from '../tokens/types.ts';
import { createTokenVerifier } from '../tokens/verify-token.ts';
import { type Access, accessId } from './access.ts';
import type { Agent } from './agent.ts';
import type { Call } from './call.ts';
import { askForToken, readToken } from './person-server.ts';
import { checkToken } from './token-checks.ts';

/**
 * The person token for an access: the one at hand while it has enough time left, else a new one, for which concurrent calls ask
 * once. A person server that cannot be reached leaves the old one in use until it expires.
 *
 * @throws what {@link askForToken} and {@link readToken} throw; PeerError `invalid_response` for a token that is not the one asked for
 */
export async function obtainPersonToken(call: Call, access: Access): Promise<VerifiedPersonToken> {
  const { agent, request, emit } = call;
  const shelf = agent.held.shelf(access);
  const { fresh } = shelf.person;
  if (fresh) return fresh;
  try {
    return await agent.personTokens.join(flightId(call, access), { signal: request.signal, emit }, async (flight) => {
      const { personServer, resource, upstream } = access;
      flight.emit({ type: 'person-token-requested', personServer, chained: upstream !== undefined });
      const { credentials } = access;
      const body = { resource, upstream_token: upstream?.token };
      const question = { personServer, endpoint: 'person_token_endpoint', body, awaiting: 'person-token' } as const;
      const response = await askForToken(call, { ...question, ...flight, credentials });
      const token = await verify(agent, access, await readToken(agent, access, response, 'person_token'));
      shelf.keepPerson(token);
      flight.emit({ type: 'person-token-received', personServer, claims: token.claims });
      return token;
    });
  } catch (error) {
    const old = error instanceof UnavailableError ? shelf.person.valid : undefined;
    if (old) return old;
    throw error;
  }
}

/** The name of a request to the person server: calls share it that want the same and can do the same while it is pending. */
export function flightId({ capabilities }: Call, access: Access, ...asked: unknown[]): string {
  return JSON.stringify([accessId(access), [...capabilities].sort(), ...asked]);
}

/** An access needs a person server: an agent that has none cannot be told apart by persons. */
export function requireAccess(call: Call, credentials: Access['credentials'], requirement: string): Access {
  const { resource, personServer, upstream, work } = call;
  if (personServer) return { resource, credentials, personServer, upstream, work };
  throw new PeerError(
    'unsupported_requirement',
    401,
    `${resource} requires ${requirement}, and this agent has no person server to get one from.`,
  );
}

function verify(agent: Agent, access: Access, compact: string): Promise<VerifiedPersonToken> {
  const { personServer, resource, credentials } = access;
  const verifyToken = createTokenVerifier({
    ...agent.verification,
    accepts: [tokenTypes.person],
    audience: resource,
    personServers: [{ issuer: personServer }],
  });
  return checkToken(
    `The person token of ${personServer}`,
    'invalid_response',
    () => verifyToken(compact),
    ({ key }) => [{ claim: 'cnf', expected: credentials.key.thumbprint, received: key.thumbprint }],
  );
}
