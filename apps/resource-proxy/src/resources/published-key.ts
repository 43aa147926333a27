import { existsSync } from 'node:fs';
import type { PublicJwk } from '@aauth-stack/aauth/keys';
import { loadSigningKey } from '@aauth-stack/aauth/node';
import { StartupError } from '@aauth-stack/service/main';
import type { ResourceConfig } from '../configuration/resources-file.ts';

/** A public key as it stands in a JWKS. */
export type PublishedKey = PublicJwk & { readonly kid: string; readonly use: 'sig' };

/**
 * Loads the public half of a resource's signing key. The key is created by whoever deploys, never here; while a resource
 * issues nothing, it may be missing.
 *
 * @throws StartupError when the file cannot be used
 */
export async function loadPublishedKey({ id, signingKey }: ResourceConfig): Promise<PublishedKey | undefined> {
  if (!signingKey || !existsSync(signingKey.file)) return undefined;
  const { file, kid, alg } = signingKey;
  try {
    const { publicJwk } = await loadSigningKey(file);
    if (publicJwk.alg !== alg) throw new Error(`it is a key for ${publicJwk.alg}, not for ${alg}`);
    return { ...publicJwk, kid, use: 'sig' };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartupError(`signing key of resource "${id}" (${file}): ${reason}`, { cause });
  }
}
