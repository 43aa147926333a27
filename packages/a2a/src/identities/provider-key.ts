import type { SigningKey } from '@aauth-stack/aauth/keys';
import { loadOrCreateSigningKey, loadPrivateJwk, nodeKeys } from '@aauth-stack/aauth/node';

/**
 * The key by which this agent is its own agent provider, made when there is none. Its `kid` is its thumbprint, so that another key
 * in the file has another name.
 *
 * @throws KeyFileError when the file cannot be used
 */
export async function loadProviderKey(file: string): Promise<SigningKey> {
  const { thumbprint: kid } = await loadOrCreateSigningKey(file);
  return nodeKeys.signingKey({ ...(await loadPrivateJwk(file)), kid });
}
