import { IdentifierError, RequestError } from '../errors.ts';
import { type IdentifierPolicy, parseServerIdentifier, type ServerIdentifier } from '../identifiers.ts';
import { decodeTokenForDisplay } from '../tokens/jwt.ts';
import { tokenTypes } from '../tokens/types.ts';
import type { Upstream } from './access.ts';

/**
 * Reads which person server an upstream token names: the issuer of a person token, the `ps` of an auth token. It has been verified
 * when it was presented, and the person server verifies it again; here it only decides whom to ask.
 *
 * @throws RequestError `invalid_upstream_token`
 */
export function parseUpstream(token: string, identifiers: IdentifierPolicy): Upstream {
  const { header, claims } = decodeTokenForDisplay(token) ?? {};
  if (header?.typ === tokenTypes.person) return { token, personServer: server(claims?.iss, 'iss', identifiers) };
  if (header?.typ === tokenTypes.auth) return { token, personServer: server(claims?.ps, 'ps', identifiers) };
  throw invalid('it is neither a person token nor an auth token');
}

function server(value: unknown, claim: string, identifiers: IdentifierPolicy): ServerIdentifier {
  try {
    return parseServerIdentifier(value, identifiers);
  } catch (error) {
    if (!(error instanceof IdentifierError)) throw error;
    throw invalid(`its ${claim} names no person server. ${error.message}`, error);
  }
}

function invalid(reason: string, cause?: unknown): RequestError {
  return new RequestError('invalid_upstream_token', `Nobody can be called with this token: ${reason}.`, { cause });
}
