import type { Clock, Sleep } from '@aauth-stack/aauth/clock';
import type { SSEStreamingApi } from 'hono/streaming';
import { toDate } from '../db/dates.ts';
import type { ChangeFeed } from './change-feed.ts';
import type { Topic } from './topics.ts';

/** Seconds between two signs of life, and after which it is noticed that a session has run out. */
const keepAlive = 15;
const reconnectMs = 2_000;

export interface StreamOptions {
  feed: Pick<ChangeFeed, 'subscribe'>;
  /** Whether the session that the stream was opened in has not ended. */
  isLive: () => Promise<boolean>;
  now: Clock;
  sleep: Sleep;
  /** Ends the stream. */
  signal: AbortSignal;
}

/** Writes to one page what changes, until the signal or the session ends. A page that reads slowly is told more at a time. */
export async function streamChanges(stream: SSEStreamingApi, options: StreamOptions): Promise<void> {
  const { feed, isLive, now, sleep, signal } = options;
  const changed = new Set<Topic>();
  let wake = () => {};
  const unsubscribe = feed.subscribe((topics) => {
    for (const topic of topics) changed.add(topic);
    wake();
  });
  const untilChanged = async () => {
    const woken = new AbortController();
    wake = () => woken.abort();
    // Rejects when it is woken or ended, and for no other reason.
    if (changed.size === 0) await sleep(keepAlive, AbortSignal.any([signal, woken.signal])).catch(() => {});
  };
  const send = (event: string, data: object, more: { retry?: number } = {}) =>
    stream.writeSSE({ event, data: JSON.stringify(data), ...more });

  try {
    await send('hello', { server_time: toDate(now()).toISOString() }, { retry: reconnectMs });
    for (;;) {
      await untilChanged();
      if (signal.aborted) return;
      const topics = [...changed];
      changed.clear();
      if (topics.length === 0 || topics.includes('sessions')) {
        if (!(await isLive())) return void (await send('session-ended', {}));
      }
      if (topics.length > 0) await send('changed', { topics });
      else await stream.write(': keep-alive\n\n');
    }
  } finally {
    unsubscribe();
  }
}
