import { existsSync } from 'node:fs';
import type { PublicJwk, SigningKey } from '@aauth-stack/aauth/keys';
import { loadPrivateJwk, nodeKeys } from '@aauth-stack/aauth/node';
import { StartupError } from '@aauth-stack/service/main';
import type { ResourceConfig } from '../configuration/resource-config.ts';

/** A public key as it stands in a JWKS. */
export type PublishedKey = PublicJwk & { readonly kid: string; readonly use: 'sig' };

/** What a resource signs with, and what it publishes of it. */
export interface ResourceKey {
  readonly signing: SigningKey;
  readonly published: PublishedKey;
}

/**
 * Loads the keys of resources, by id; those that have none are left out.
 *
 * @throws StartupError naming every file that cannot be used, or is missing and needed
 */
export async function loadResourceKeys(configs: readonly ResourceConfig[]): Promise<ReadonlyMap<string, ResourceKey>> {
  const keys = new Map<string, ResourceKey>();
  const problems: string[] = [];
  for (const config of configs) {
    try {
      const key = await loadResourceKey(config);
      if (key) keys.set(config.id, key);
    } catch (error) {
      if (!(error instanceof StartupError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new StartupError(problems.join('\n'));
  return keys;
}

/**
 * Loads the key with which a resource signs resource tokens. It is created by whoever deploys, never here; a resource that
 * issues none may be without.
 *
 * @throws StartupError when the file cannot be used, or is missing and needed
 */
async function loadResourceKey(config: ResourceConfig): Promise<ResourceKey | undefined> {
  const { id, signingKey, asksForAuthTokens } = config;
  if (!signingKey || (!asksForAuthTokens && !existsSync(signingKey.file))) return undefined;
  const { file, kid, alg } = signingKey;
  try {
    const signing = await nodeKeys.signingKey({ ...(await loadPrivateJwk(file)), kid });
    const { publicJwk } = signing;
    if (publicJwk.alg !== alg) throw new Error(`it is a key for ${publicJwk.alg}, not for ${alg}`);
    return { signing, published: { ...publicJwk, kid, use: 'sig' } };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartupError(`signing key of resource "${id}" (${file}): ${reason}`, { cause });
  }
}
