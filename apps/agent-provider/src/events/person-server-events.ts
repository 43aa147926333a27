import { createServerFetch } from '@aauth-stack/aauth/agent';
import type { Clock } from '@aauth-stack/aauth/clock';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { metadataDocuments } from '@aauth-stack/aauth/tokens';
import type { SigningKeys } from '../keys/signing-keys.ts';
import type { SendEvent } from './delivery.ts';

const timeoutMs = 5_000;

/** Posts events to the Person Server, signed as this provider with the key that is active at that moment. */
export function createPersonServerEvents(options: {
  issuer: ServerIdentifier;
  personServer: ServerIdentifier;
  signingKeys: SigningKeys;
  fetch: typeof fetch;
  now: Clock;
}): SendEvent {
  const { issuer, personServer, signingKeys, now } = options;
  const signedFetch = createServerFetch({
    fetch: options.fetch,
    identifier: issuer,
    dwk: metadataDocuments.agentProvider,
    key: async () => (await signingKeys.active()).key,
    now,
  });
  return async ({ event, subject }, signal) => {
    const response = await signedFetch(`${personServer}/agent-provider/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ event, id: subject }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${personServer} answered ${response.status}: ${text.slice(0, 300)}`);
  };
}
