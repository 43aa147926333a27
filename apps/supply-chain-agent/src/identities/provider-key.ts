import type { SigningKey } from '@aauth-stack/aauth/keys';
import { KeyFileError, loadOrCreateSigningKey, loadPrivateJwk, nodeKeys } from '@aauth-stack/aauth/node';
import { StartupError } from '@aauth-stack/service/main';

/**
 * The key by which this agent is its own agent provider, made when there is none. Its `kid` is its thumbprint, so that another key
 * in the file has another name.
 *
 * @throws StartupError when the file cannot be used, with what to do about it
 */
export async function loadProviderKey(file: string): Promise<SigningKey> {
  try {
    const { thumbprint: kid } = await loadOrCreateSigningKey(file);
    return nodeKeys.signingKey({ ...(await loadPrivateJwk(file)), kid });
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    throw new StartupError(`PROVIDER_KEY_FILE=${file} cannot be used: ${error.message}`, { cause: error });
  }
}
