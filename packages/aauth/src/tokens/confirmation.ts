import { SignatureError } from '../errors.ts';
import { parsePublicJwk } from '../keys/index.ts';
import type { KeyBackend, VerificationKey } from '../keys/types.ts';
import { isRecord } from './jwt.ts';
import type { IssuedJwt } from './profile.ts';

/**
 * The key that a token binds (RFC 7800 §3.2), ready to verify the request that presents it.
 *
 * @throws {@link SignatureError} `invalid_jwt` when there is no `cnf.jwk`; `unsupported_algorithm` or `invalid_key` when it is
 *   no key of ours
 */
export async function confirmationKey(
  jwt: IssuedJwt,
  keys: Pick<KeyBackend, 'verificationKey'>,
): Promise<VerificationKey> {
  const { cnf } = jwt.claims;
  if (!isRecord(cnf) || cnf.jwk === undefined) {
    throw new SignatureError('invalid_jwt', 'The token binds no key: it has no cnf.jwk.', { cause: { claim: 'cnf' } });
  }
  return keys.verificationKey(parsePublicJwk(cnf.jwk));
}
