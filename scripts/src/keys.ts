import { join } from 'node:path';
import { thumbprintUri } from '@aauth-stack/aauth/keys';
import { loadOrCreateSigningKey } from '@aauth-stack/aauth/node';
import { keyDirectory } from './root.ts';

/** With these the proxy signs for the resources; it never makes them itself. */
const resourceKeyFiles = ['spa-resource-key.pem', 'maa-resource-key.pem', 'inv-resource-key.pem'];

/** Makes the resources' keys where they are missing. */
export async function makeResourceKeys(directory = keyDirectory): Promise<void> {
  for (const file of resourceKeyFiles) await loadOrCreateSigningKey(join(directory, file));
}

/** Makes the stable keys of the demo's own agents, where they are missing, and tells their thumbprints. */
export async function demoThumbprints(stableKeyFiles: readonly string[]): Promise<Set<string>> {
  const thumbprints = new Set<string>();
  for (const file of stableKeyFiles) thumbprints.add(thumbprintUri((await loadOrCreateSigningKey(file)).thumbprint));
  return thumbprints;
}
