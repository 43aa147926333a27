import type { RevocationOutcome, SendRevocation } from '@aauth-stack/aauth/agent';
import type { Clock } from '@aauth-stack/aauth/clock';
import type { Logger } from '@aauth-stack/service/logger';
import { attribute, withSpan } from '@aauth-stack/telemetry';
import type { Queries } from '../db/queries.ts';
import { backoff } from '../delivery/backoff.ts';
import { createQueueWorker } from '../delivery/queue-worker.ts';
import type { Recipient } from './recipient.ts';
import {
  claimRevocations,
  nextRevocationTime,
  type RevocationRow,
  recordOutcome,
  releaseRevocation,
  stateOf,
} from './storage.ts';

const batchSize = 20;
// Longer than one attempt can take: those of a batch are made at the same time.
const leaseSeconds = 30;

export interface RevocationDelivery {
  /**
   * Takes an agent's revocations, the first at each recipient, within the transaction that makes them, so that no other
   * replica does.
   */
  claimFirst(tx: Queries, agentId: string): Promise<RevocationRow[]>;
  /** Resolves when each of them, and all else that is due, has been tried once; what failed is tried again by itself. */
  deliver(claimed: readonly RevocationRow[]): Promise<void>;
  /** Sends what is due, now. */
  deliverDue(): Promise<void>;
  /** Does so in the background. */
  wake(): void;
  close(): Promise<void>;
}

/** Tells every recipient of revoked tokens until it has taken them or they have expired; one that is down delays no other. */
export function createRevocationDelivery(options: {
  db: Queries;
  now: Clock;
  log: Logger;
  recipients: readonly Recipient[];
  send: SendRevocation;
}): RevocationDelivery {
  const { db, now, log, recipients, send } = options;
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();
  const claim = () => ({ now: now(), lease: leaseSeconds, limit: batchSize });
  const workers = recipients.map((recipient) =>
    createQueueWorker({
      now,
      log,
      deliverDue: (signal) => deliverTo(recipient, signal),
      nextDueTime: () => nextRevocationTime(db, recipient.identifier, now()),
    }),
  );

  function wake(): void {
    for (const worker of workers) worker.wake();
  }

  async function deliverDue(): Promise<void> {
    await Promise.all(workers.map((worker) => worker.deliverDue()));
  }

  async function deliverTo(recipient: Recipient, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const claimed = await claimRevocations(db, { recipient: recipient.identifier }, claim());
      if (claimed.length === 0) return;
      await Promise.all(claimed.map((row) => attempt(recipient, row, signal)));
    }
  }

  async function attempt(recipient: Recipient, row: RevocationRow, signal: AbortSignal): Promise<void> {
    const { agentId, jti, expiresAt, pendingUrl } = row;
    const names = { [attribute.resource]: recipient.identifier, [attribute.agent]: agentId };
    await withSpan('aauth.revoke', names, async (span) => {
      const notice = { recipient: recipient.identifier, dwk: recipient.dwk, jti, exp: expiresAt, pendingUrl };
      const outcome = await send(notice, signal).catch((cause: unknown): RevocationOutcome | undefined =>
        signal.aborted ? undefined : { state: 'failed', error: 'it could not be sent', cause },
      );
      if (!outcome) return releaseRevocation(db, row, now());
      span.setAttribute(attribute.result, outcome.state);
      const pause = pauseAfter(outcome, row.attempts);
      const next = pause === undefined ? null : now() + pause;
      if (await recordOutcome(db, row, outcome, next)) logOutcome(row, outcome, pause);
      else log.debug({ jti, recipient: row.recipient }, 'an answer came when somebody else was asking already');
    });
  }

  function logOutcome(row: RevocationRow, { state, error, cause }: RevocationOutcome, pause: number | undefined): void {
    const { jti, agentId, recipient } = row;
    const line = { agent: agentId, jti, recipient, state, reason: error, err: cause, retry_in: pause };
    if (state === 'delivered') log.info(line, `revoked a token of ${agentId} at ${recipient}`);
    else if (row.attempts > 1 && stateOf(state) === row.state && (error ?? null) === row.error) {
      log.debug(line, `the revocation at ${recipient} stands as before: ${state}`);
    } else if (state === 'pending') log.info(line, `${recipient} works on the revocation of a token of ${agentId}`);
    else log.warn(line, `${recipient} has not revoked a token of ${agentId}: ${error}`);
  }

  return {
    async claimFirst(tx, agentId) {
      const claimed: RevocationRow[] = [];
      for (const { identifier } of recipients) {
        claimed.push(...(await claimRevocations(tx, { recipient: identifier, agentId }, claim())));
      }
      return claimed;
    },
    async deliver(claimed) {
      const attempts = claimed.map(async (row) => {
        const recipient = recipients.find(({ identifier }) => identifier === row.recipient);
        if (recipient) await attempt(recipient, row, closing.signal);
      });
      const all = Promise.all(attempts).then(deliverDue);
      underWay.add(all);
      await all.finally(() => {
        underWay.delete(all);
        wake();
      });
    },
    deliverDue,
    wake,
    async close() {
      closing.abort();
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.allSettled(underWay);
    },
  };
}

/** Seconds until the next attempt; undefined when there is none. */
function pauseAfter({ state, retryAfter }: RevocationOutcome, attempts: number): number | undefined {
  if (state === 'delivered' || state === 'refused') return undefined;
  // A recipient that works on it is asked again in its own rhythm, once a second at most.
  if (state === 'pending') return Math.max(1, retryAfter ?? 0);
  return Math.max(backoff(attempts), retryAfter ?? 0);
}
