import { IdentifierError, PeerError } from '../errors.ts';
import { parseEndpointUrl } from '../identifiers.ts';
import { readJsonObject } from '../response-body.ts';
import { formatScope } from '../tokens/scope.ts';
import type { VerifiedResourceToken } from '../tokens/types.ts';
import { bufferRequest } from './buffered-request.ts';
import type { Call } from './call.ts';
import { readPeerProblem } from './peer-problem.ts';
import { publishedComponents } from './plan.ts';
import { verifyResourceChallenge } from './resource-challenge.ts';
import { type Standing, signerOf } from './standing.ts';

/**
 * Asks a resource for a resource token of the agent's own choice, at its authorization endpoint (AAuth Protocol, "Authorization
 * Endpoint"), presenting what was presented before, and verifies it like that of a challenge.
 *
 * @throws PeerError with the resource's code; `invalid_response` when it has no such endpoint, or answers without a resource token;
 *   what {@link verifyResourceChallenge} throws
 */
export async function requestResourceToken(
  call: Call,
  standing: Standing,
  { scope, account }: { readonly scope: readonly string[]; readonly account: string | undefined },
  signal: AbortSignal,
): Promise<VerifiedResourceToken> {
  const { agent, resource, metadata } = call;
  const request = await bufferRequest(findEndpoint(call), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ scope: formatScope(scope), account }),
    redirect: 'manual',
    signal,
  });
  const response = await agent.exchange(request, signerOf(standing), publishedComponents(metadata, request));
  if (response.status !== 200) {
    const { code, status, message, cause } = await readPeerProblem(response, resource);
    throw new PeerError(code ?? 'invalid_response', code ? status : 502, message, { cause });
  }
  const { resource_token: compact } = (await readJsonObject(response)) ?? {};
  if (typeof compact === 'string') return verifyResourceChallenge(call, standing, compact);
  throw new PeerError('invalid_response', 502, `${resource} was asked for a resource token and sent none.`);
}

function findEndpoint({ agent, resource, metadata }: Call): URL {
  const url = parse(metadata?.authorization_endpoint, agent.verification.identifiers);
  // The token is presented there, so it goes nowhere but to the resource itself.
  if (url?.origin === resource && url.search === '') return url;
  throw new PeerError(
    'invalid_response',
    502,
    `${resource} has no authorization endpoint to ask for a resource token.`,
  );
}

function parse(value: unknown, identifiers: Call['agent']['verification']['identifiers']): URL | undefined {
  try {
    return parseEndpointUrl(value, identifiers);
  } catch (error) {
    if (error instanceof IdentifierError) return undefined;
    throw error;
  }
}
