import { existsSync } from 'node:fs';
import type { PublicJwk, SigningKey } from '@aauth-stack/aauth/keys';
import { loadPrivateJwk, nodeKeys } from '@aauth-stack/aauth/node';
import { StartupError } from '@aauth-stack/service/main';
import type { KeyLocation, ResourceConfig } from '../configuration/resource-config.ts';

/** A public key as it stands in a JWKS. */
export type PublishedKey = PublicJwk & { readonly kid: string; readonly use: 'sig' };

/** What a resource signs with, and what it publishes of it. */
export interface ResourceKey {
  readonly signing: SigningKey;
  readonly published: readonly PublishedKey[];
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
 * Loads the key with which a resource signs resource tokens, and those that it publishes beside it. They are created by whoever
 * deploys, never here; a resource that issues none may be without.
 *
 * @throws StartupError when the file cannot be used, or is missing and needed
 */
async function loadResourceKey(config: ResourceConfig): Promise<ResourceKey | undefined> {
  const { id, signingKey, publishedKeys, asksForAuthTokens } = config;
  if (!signingKey || (!asksForAuthTokens && !existsSync(signingKey.file))) return undefined;
  const signing = await loadKey(id, 'signing key', signingKey);
  const published = [toPublished(signing, signingKey)];
  for (const other of publishedKeys) published.push(toPublished(await loadKey(id, 'published key', other), other));
  return { signing, published };
}

async function loadKey(id: string, what: string, { file, kid, alg }: KeyLocation): Promise<SigningKey> {
  try {
    const key = await nodeKeys.signingKey({ ...(await loadPrivateJwk(file)), kid });
    if (key.publicJwk.alg !== alg) throw new Error(`it is a key for ${key.publicJwk.alg}, not for ${alg}`);
    return key;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartupError(`${what} of resource "${id}" (${file}): ${reason}`, { cause });
  }
}

function toPublished({ publicJwk }: SigningKey, { kid }: KeyLocation): PublishedKey {
  return { ...publicJwk, kid, use: 'sig' };
}
