import type { Clock, Sleep } from '@aauth-stack/aauth/clock';
import { UnavailableError } from '@aauth-stack/aauth/errors';
import type { Logger } from '@aauth-stack/service/logger';
import { streamSSE } from 'hono/streaming';
import type { AppContext } from '../environment.ts';
import { currentSession } from '../session/person-session.ts';
import type { SessionStore } from '../session/session-store.ts';
import type { ChangeFeed } from './change-feed.ts';
import { streamChanges } from './stream-changes.ts';

const mostStreams = 200;
/** A browser opens six connections to one server at most; with more streams than this, none would be left for what the pages ask. */
const mostStreamsOfSession = 4;

export interface EventRouteOptions {
  feed: ChangeFeed;
  store: Pick<SessionStore, 'isLive'>;
  now: Clock;
  sleep: Sleep;
  log: Logger;
}

/** GET /ui/changes: a number that grows when something changes, for a page that gets no stream. */
export function changes(feed: Pick<ChangeFeed, 'count'>) {
  return (c: AppContext) => c.json({ changes: feed.count() });
}

export interface EventStreams {
  /** GET /ui/events: what changes, as it changes. */
  events(c: AppContext): Response;
  /** Ends every stream and opens no more. Browsers come back by themselves, when there is a server again. */
  close(): void;
}

export function createEventStreams({ feed, store, now, sleep, log }: EventRouteOptions): EventStreams {
  const closing = new AbortController();
  /** Each stream's session. */
  const open = new Map<object, string>();

  const countOf = (session: string) => [...open.values()].filter((other) => other === session).length;

  return {
    events: (c) => {
      const session = currentSession(c);
      const id = session.via === 'cookie' ? session.id : session.via;
      if (closing.signal.aborted || open.size >= mostStreams || countOf(id) >= mostStreamsOfSession) {
        throw new UnavailableError('Too many pages are open to be told of changes. This one has to ask for them.');
      }
      // Proxies otherwise hold back what comes until there is more of it.
      c.header('x-accel-buffering', 'no');
      return streamSSE(c, async (stream) => {
        const gone = new AbortController();
        stream.onAbort(() => gone.abort());
        open.set(stream, id);
        const signal = AbortSignal.any([gone.signal, closing.signal]);
        const isLive = async () => session.via === 'bearer' || store.isLive(session.id);
        try {
          await streamChanges(stream, { feed, isLive, now, sleep, signal });
        } catch (error) {
          log.warn({ err: error }, 'a stream of changes ended early; its page opens another one');
        } finally {
          open.delete(stream);
        }
      });
    },
    close: () => closing.abort(),
  };
}
