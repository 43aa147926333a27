import { SignatureError } from '@aauth-stack/aauth/errors';
import { jktJwtScheme } from '@aauth-stack/aauth/signatures';
import type { MiddlewareHandler } from 'hono';
import type { ProviderEnv } from './env.ts';
import { type SignatureCheckOptions, verifySignedRequest } from './signed-request.ts';

/** Seconds. A stable key vouches for an ephemeral one only for so long, in case that one is stolen. */
const maxVouchedFor = 3600;

/**
 * Proves that the sender holds two keys: the stable one, which signed the `jkt-jwt` and is taken from nowhere else than its
 * header, and the ephemeral one named in it, which signed the request. Knowing either public key is not enough, and a
 * captured `jkt-jwt` is of no use without the ephemeral key.
 */
export function verifyBothKeys(options: SignatureCheckOptions): MiddlewareHandler<ProviderEnv> {
  const schemes = { 'jkt-jwt': jktJwtScheme(options) };
  return async function verifyBothKeysOfRequest(c, next) {
    const signedRequest = await verifySignedRequest(c, schemes, options);
    const { identity, publicJwk, jkt } = signedRequest.signature;
    if (identity.scheme !== 'jkt-jwt') throw new TypeError(`unexpected scheme ${identity.scheme}`);
    const stableJkt = identity.stableKey.thumbprint;
    if (identity.expires - options.now() > maxVouchedFor) {
      throw new SignatureError('invalid_jwt', `The jkt-jwt is valid for longer than ${maxVouchedFor} s from now.`);
    }
    if (stableJkt === jkt) {
      throw new SignatureError(
        'invalid_key',
        'The key in "cnf" is the stable key itself; make a new one for requests.',
      );
    }
    c.set('signedRequest', signedRequest);
    c.set('keyProof', { stableJkt, ephemeralKey: publicJwk, jkt });
    await next();
  };
}
