import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import type { Logger } from '../logger.ts';
import { connectTimeoutSeconds } from './connect.ts';

export interface Subscriber {
  /** A notification's payload arrived. */
  notified(payload: string): void;
  /** The connection was lost for a while and is back: notifications may have been missed. */
  reconnected(): void;
}

export interface Listener {
  /** Resolves when PostgreSQL listens; whatever is committed from then on is delivered. */
  subscribe(channel: string, subscriber: Subscriber): Promise<() => void>;
  close(): Promise<void>;
}

export interface ListenerOptions {
  url: string;
  applicationName: string;
  log: Logger;
}

const firstRetryMs = 100;
const longestRetryMs = 5_000;

/**
 * One connection for every LISTEN of a process. postgres.js has `sql.listen`, but that gives up for ever when the
 * database is away for longer than its first attempt to reconnect; this one keeps trying.
 */
export function createListener({ url, applicationName, log }: ListenerOptions): Listener {
  const channels = new Map<string, Set<Subscriber>>();
  const closing = new AbortController();
  let reconnecting = false;

  const options = {
    max: 1,
    max_lifetime: null,
    fetch_types: false,
    connect_timeout: connectTimeoutSeconds,
    connection: { application_name: `${applicationName} listener` },
    onnotice: () => {},
    onnotify: (channel: string, payload: string) => {
      for (const subscriber of channels.get(channel) ?? []) subscriber.notified(payload);
    },
    onclose: () => void reconnect(),
  };
  const sql = postgres(url, options);

  const listen = (channel: string) => sql.unsafe(`listen "${channel.replaceAll('"', '""')}"`);

  async function reconnect(): Promise<void> {
    if (reconnecting || closing.signal.aborted || channels.size === 0) return;
    reconnecting = true;
    log.warn('the connection that listens for notifications was lost');
    for (let delay = firstRetryMs; !closing.signal.aborted; delay = Math.min(delay * 2, longestRetryMs)) {
      try {
        for (const channel of channels.keys()) await listen(channel);
        break;
      } catch {
        await sleep(delay, undefined, { signal: closing.signal, ref: false }).catch(() => {});
      }
    }
    reconnecting = false;
    if (closing.signal.aborted) return;
    log.info('listening for notifications again');
    for (const subscribers of channels.values()) for (const subscriber of subscribers) subscriber.reconnected();
  }

  return {
    async subscribe(channel, subscriber) {
      const subscribers = channels.get(channel) ?? new Set();
      channels.set(channel, subscribers.add(subscriber));
      const unsubscribe = () => void subscribers.delete(subscriber);
      try {
        await listen(channel);
      } catch (error) {
        unsubscribe();
        throw error;
      }
      return unsubscribe;
    },
    async close() {
      closing.abort();
      await sql.end({ timeout: 1 });
    },
  };
}
