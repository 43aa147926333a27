import { SignatureError } from '@aauth-stack/aauth/errors';
import { jwkThumbprint, type PublicJwk, parsePublicJwk, type Thumbprint } from '@aauth-stack/aauth/keys';
import { decodeTokenForDisplay } from '@aauth-stack/aauth/tokens';

/** The key in a token's `cnf.jwk`, verified or not; `undefined` when there is none that signs anything. */
export function readBoundJwk(compact: string): PublicJwk | undefined {
  try {
    return parsePublicJwk(Object(decodeTokenForDisplay(compact)?.claims.cnf).jwk);
  } catch (error) {
    if (error instanceof SignatureError) return undefined;
    throw error;
  }
}

/** Its thumbprint. */
export async function boundKey(compact: string): Promise<Thumbprint | undefined> {
  const jwk = readBoundJwk(compact);
  return jwk && jwkThumbprint(jwk);
}
