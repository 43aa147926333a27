import { join } from 'node:path';
import { thumbprintUri } from '@aauth-stack/aauth/keys';
import { loadOrCreateSigningKey } from '@aauth-stack/aauth/node';
import { keyDirectory } from './root.ts';
import type { Service } from './services.ts';

/** With these the proxy signs for the resources; it never makes them itself. */
const resourceKeyFiles = ['spa-resource-key.pem', 'maa-resource-key.pem'];

/** Makes the resources' keys where they are missing. */
export async function makeResourceKeys(): Promise<void> {
  for (const file of resourceKeyFiles) await loadOrCreateSigningKey(join(keyDirectory, file));
}

/** Makes the stable keys of the demo's own agents, where they are missing, and tells their thumbprints. */
export async function demoThumbprints(services: readonly Service[]): Promise<Map<string, string>> {
  const thumbprints = new Map<string, string>();
  for (const { name, stableKeyFile } of services) {
    if (!stableKeyFile) continue;
    const key = await loadOrCreateSigningKey(stableKeyFile);
    thumbprints.set(thumbprintUri(key.thumbprint), name);
  }
  return thumbprints;
}
