import { setTimeout as realSleep } from 'node:timers/promises';
import type { RevocationOutcome, SendRevocation } from '@aauth-stack/aauth/agent';
import type { Clock } from '@aauth-stack/aauth/clock';
import { type IdentifierPolicy, parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { metadataDocuments } from '@aauth-stack/aauth/tokens';
import type { Logger } from '@aauth-stack/service/logger';
import type { Database } from '../db/database.ts';
import { claimDueNotices, type Notice, nextNoticeTime, postponeNotice, settleNotice } from './notices.ts';

const batchSize = 20;
const leaseSeconds = 30;
const longestBackoff = 60;
/** How long whoever has revoked something waits for the resources to know. */
const patienceMs = 3_000;
// A timer may fire a little before the clock agrees that it is time.
const shortestPauseMs = 50;

/** Tells resources of revoked tokens, at least once each, as soon as they can be reached. Any number of replicas share the work. */
export interface NoticeDelivery {
  /** Sends what is due, and returns when that was tried or a few seconds have passed. */
  deliver(): Promise<void>;
  /** Sends what is due in the background. */
  wake(): void;
  close(): Promise<void>;
}

export interface NoticeDeliveryOptions {
  db: Database;
  now: Clock;
  log: Logger;
  identifiers: IdentifierPolicy;
  /** Signs as this Person Server, and goes only where what a peer names may lead. */
  send: SendRevocation;
}

/** Seconds to wait after this many attempts: 1, 2, 4 … 60. */
function backoff(attempts: number): number {
  return Math.min(longestBackoff, 2 ** Math.min(attempts - 1, 10));
}

export function createNoticeDelivery(options: NoticeDeliveryOptions): NoticeDelivery {
  const { db, now, log, identifiers, send } = options;
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;

  async function deliverDue(): Promise<void> {
    while (!closing.signal.aborted) {
      const notices = await claimDueNotices(db, { time: now(), lease: leaseSeconds, limit: batchSize });
      if (notices.length === 0) break;
      await Promise.all(notices.map(deliverOne));
    }
    await schedule();
  }

  async function deliverOne(notice: Notice): Promise<void> {
    const { jti, resource, attempts } = notice;
    const { state, error, cause, retryAfter = 0 } = await attempt(notice);
    const facts = { jti, resource, error, err: cause };
    if (state === 'delivered') {
      await settleNotice(db, jti, 'told');
      log.info(facts, `told ${resource} that a token is revoked`);
    } else if (state === 'unsupported' || state === 'refused') {
      await settleNotice(db, jti, state);
      log.warn(facts, `${resource} does not take back a token (${state}); it works there until it expires`);
    } else {
      const seconds = closing.signal.aborted ? 0 : Math.max(retryAfter, backoff(attempts));
      await postponeNotice(db, jti, now() + seconds);
      log.warn({ ...facts, retry_in: seconds }, `${resource} has not taken back a token; asking again in ${seconds} s`);
    }
  }

  // A resource that still works on it (202) is told once more: that is harmless, and ends in the same answer as a poll.
  async function attempt({ jti, resource, expiresAt: exp }: Notice): Promise<RevocationOutcome> {
    const recipient = parseServerIdentifier(resource, identifiers);
    try {
      return await send({ recipient, dwk: metadataDocuments.resource, jti, exp }, closing.signal);
    } catch (cause) {
      return { state: 'failed', error: 'it could not be told', cause };
    }
  }

  async function schedule(): Promise<void> {
    const due = await nextNoticeTime(db, now());
    clearTimeout(timer);
    if (due === undefined || closing.signal.aborted) return;
    timer = setTimeout(wake, Math.max(shortestPauseMs, (due - now()) * 1000)).unref();
  }

  function start(): void {
    const run = deliverDue()
      .catch((error: unknown) => log.error({ err: error }, 'the notices of revoked tokens cannot be read'))
      .finally(() => underWay.delete(run));
    underWay.add(run);
  }

  function wake(): void {
    if (!closing.signal.aborted) start();
  }

  return {
    wake,
    async deliver() {
      start();
      await Promise.race([Promise.all(underWay), realSleep(patienceMs, undefined, { ref: false })]);
    },
    async close() {
      closing.abort();
      clearTimeout(timer);
      await Promise.all(underWay);
    },
  };
}
