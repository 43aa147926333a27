import { RequestError } from '@aauth-stack/aauth/errors';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { Logger } from '@aauth-stack/service/logger';
import type { Database } from '../db/database.ts';
import type { AppContext } from '../environment.ts';
import { tellPages } from '../events/tell-pages.ts';
import type { Reconciliation } from './reconciliation.ts';
import { eventSchema } from './wire.ts';

export interface ReceiveEventOptions {
  db: Database;
  issuer: ServerIdentifier;
  reconciliation: Reconciliation;
  log: Logger;
}

/**
 * POST /agent-provider/events: something changed at an Agent Provider. What it was is then asked of the provider, so an event
 * that comes twice, late or out of order does no harm.
 */
export function receiveEvent({ db, issuer, reconciliation, log }: ReceiveEventOptions) {
  return async (c: AppContext) => {
    const { event, id } = parseEvent(c.get('verifiedBody'));
    log.info({ event, id, agentProvider: issuer }, 'The Agent Provider reports a change.');
    await tellPages(db, ['registrations', 'bindings']);
    reconciliation.request();
    return c.body(null, 204);
  };
}

function parseEvent(body: Uint8Array): { event: string; id: string } {
  try {
    return eventSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)));
  } catch (cause) {
    throw new RequestError('invalid_request', 'The body is not JSON of the form {"event": "…", "id": "…"}.', { cause });
  }
}
