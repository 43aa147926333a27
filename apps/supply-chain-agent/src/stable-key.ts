import type { SigningKey } from '@aauth-stack/aauth/keys';
import { KeyFileError, loadOrCreateSigningKey } from '@aauth-stack/aauth/node';
import { StartupError } from '@aauth-stack/service/main';

/**
 * The key that makes this agent the same one after a restart.
 *
 * @throws StartupError when the file cannot be used, with what to do about it
 */
export async function loadStableKey(file: string): Promise<SigningKey> {
  try {
    return await loadOrCreateSigningKey(file);
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    throw new StartupError(`STABLE_KEY_FILE=${file} cannot be used: ${error.message}`, { cause: error });
  }
}
