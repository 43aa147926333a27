import { TokenRequestError } from '@aauth-stack/aauth/errors';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { AppContext, Step } from '../environment.ts';
import type { OwnToken, ReadOwnToken } from '../tokens/own-tokens.ts';
import { peekUpstreamToken } from './parameters.ts';

/**
 * Verifies a token that an intermediary was shown in its role as a resource (AAuth Protocol, "Upstream Token Verification"):
 * a person or auth token of ours, valid, whose audience is the intermediary, which has to be its own agent provider.
 *
 * @param intermediary `iss` of the agent token that signs the request
 * @throws TokenRequestError `invalid_upstream_token` | `expired_upstream_token` | `revoked_upstream_token`
 */
export type VerifyUpstreamToken = (compact: string, intermediary: ServerIdentifier) => Promise<OwnToken>;

export function createUpstreamVerifier(readOwnToken: ReadOwnToken): VerifyUpstreamToken {
  return async function verifyUpstreamToken(compact, intermediary) {
    const upstream = await readOwnToken('upstream', compact);
    const { audience } = upstream.token;
    if (audience === intermediary) return upstream;
    throw new TokenRequestError(
      'invalid_upstream_token',
      `The upstream token was issued for ${audience}; only an agent that is its own provider there can act on it.`,
      { claim: 'aud', expected: intermediary, received: audience },
    );
  };
}

/** Verifies `upstream_token`, where there is one. */
export function loadUpstreamToken(verifyUpstreamToken: VerifyUpstreamToken): Step {
  return async function loadUpstreamToken(c, next) {
    const { upstreamToken } = c.get('tokenRequest');
    const { issuer } = c.get('agentToken');
    c.set('upstream', upstreamToken === undefined ? undefined : await verifyUpstreamToken(upstreamToken, issuer));
    await next();
  };
}

/**
 * Admits a resource that is its own agent provider to a request with a valid upstream token that was issued to it (AAuth
 * Protocol, "Call Chaining"): only who was shown a token of ours can make us look for its keys.
 */
export function admitIntermediary(verifyUpstreamToken: VerifyUpstreamToken) {
  return async (issuer: ServerIdentifier, _c: AppContext, body: Uint8Array): Promise<boolean> => {
    const upstreamToken = peekUpstreamToken(body);
    if (upstreamToken === undefined) return false;
    await verifyUpstreamToken(upstreamToken, issuer);
    return true;
  };
}
