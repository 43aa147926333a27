import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { SendEvent } from './delivery.ts';

const timeoutMs = 5_000;

/**
 * Posts events to the Person Server.
 *
 * @param options.fetch signs as this provider, with the key that is active at that moment
 */
export function createPersonServerEvents(options: { personServer: ServerIdentifier; fetch: typeof fetch }): SendEvent {
  const { personServer, fetch } = options;
  return async ({ event, subject }, signal) => {
    const response = await fetch(`${personServer}/agent-provider/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ event, id: subject }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${personServer} answered ${response.status}: ${text.slice(0, 300)}`);
  };
}
