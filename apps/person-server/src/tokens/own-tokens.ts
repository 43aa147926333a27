import type { Clock } from '@aauth-stack/aauth/clock';
import type { Discovery } from '@aauth-stack/aauth/discovery';
import { SignatureError, TokenRequestError } from '@aauth-stack/aauth/errors';
import type { IdentifierPolicy, ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { KeyBackend } from '@aauth-stack/aauth/keys';
import {
  createTokenVerifier,
  readBodyToken,
  tokenTypes,
  type VerifiedAuthToken,
  type VerifiedPersonToken,
} from '@aauth-stack/aauth/tokens';
import type { Database } from '../db/database.ts';
import { publishedKeys } from '../keys/signing-keys.ts';
import { traceBodyToken } from '../token-requests/trace.ts';
import { findToken, type TokenRecord } from './records.ts';

/** A token of ours that came back to us, and the record of it. */
export interface OwnToken {
  readonly token: VerifiedPersonToken | VerifiedAuthToken;
  readonly record: TokenRecord;
}

/**
 * Verifies a person or auth token in a request's body that this server has issued.
 *
 * @throws TokenRequestError `invalid_…`, `expired_…` or `revoked_…` by the name of the parameter
 */
export type ReadOwnToken = (parameter: 'presented' | 'upstream', compact: string) => Promise<OwnToken>;

export interface OwnTokenOptions {
  db: Database;
  issuer: ServerIdentifier;
  identifiers: IdentifierPolicy;
  keys: KeyBackend;
  now: Clock;
}

export function createOwnTokenReader({ db, issuer, identifiers, keys, now }: OwnTokenOptions): ReadOwnToken {
  const verify = createTokenVerifier({
    accepts: [tokenTypes.person, tokenTypes.auth],
    audience: 'any',
    personServers: [{ issuer }],
    discovery: ownKeys(db, keys, now),
    identifiers,
    keys,
    now,
    revoked: async ({ jti }) => Boolean((await findToken(db, jti))?.revokedAt),
  });

  return async function readOwnToken(parameter, compact) {
    const token = await readBodyToken(parameter, () => verify(compact));
    traceBodyToken(`${parameter}_token`, token);
    const record = await findToken(db, token.jti);
    if (record) return { token, record };
    throw new TokenRequestError(
      `invalid_${parameter}_token`,
      `The ${parameter} token is refused. This Person Server has no record of it.`,
      { claim: 'jti', received: token.jti },
    );
  };
}

// The keys of this server are in its database; nothing is fetched, and least of all from itself.
function ownKeys(db: Database, keys: KeyBackend, now: Clock): Discovery {
  return {
    metadata: () => {
      throw new TypeError('Verifying a token of this server takes its keys and no metadata.');
    },
    key: async (_issuer, _dwk, kid) => {
      const published = await publishedKeys(db, now());
      const jwk = published.find((candidate) => candidate.kid === kid);
      if (jwk) return keys.verificationKey(jwk);
      throw new SignatureError('unknown_key', `This Person Server has no key "${kid.slice(0, 64)}".`);
    },
    keyAfterFailure: async () => undefined,
  };
}
