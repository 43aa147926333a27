import { DeferredError } from '@aauth-stack/aauth/errors';
import type { Logger } from '@aauth-stack/service/logger';
import type { AppContext } from '../environment.ts';
import { loadOwnRequest } from './load-own-request.ts';
import { collectPending, endPending, withIds } from './pending-requests.ts';
import type { SettleOptions } from './settle-by-consent.ts';

/** DELETE /pending/{id}: the agent takes its request back (AAuth Protocol, "Cancel Request"). 204, and 410 ever after. */
export function cancelRequest(options: SettleOptions & { log: Logger }) {
  const { db, now, log } = options;
  return async (c: AppContext): Promise<Response> => {
    const { id, agentId } = await loadOwnRequest(options, c);
    const first = await db.transaction(async (tx) => {
      await endPending(tx, withIds([id]), { status: 'cancelled', outcome: 'gone', time: now() });
      return collectPending(tx, id, now());
    });
    if (!first) throw new DeferredError('gone', 'The result of this request has been collected.');
    log.info({ pending: id }, `${agentId} took its request back`);
    return c.body(null, 204);
  };
}
