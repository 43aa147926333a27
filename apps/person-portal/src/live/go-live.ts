import { isSessionEnd } from '../api/errors.ts';
import { changedSchema, helloSchema, type Topic, topics } from '../api/events.ts';

/** `live`: changes are pushed. `polling`: the page asks for them. `offline`: nobody answers, or no more than that it cannot. */
export type LiveState = 'live' | 'polling' | 'offline';

/** What is needed of an `EventSource`. */
export interface ChangeStream {
  addEventListener(type: string, listener: (event: MessageEvent) => void): void;
  close(): void;
}

export interface LiveOptions {
  openStream: () => ChangeStream;
  /** A number that grows with every change. */
  pollChanges: () => Promise<number>;
  onChanged: (topics: readonly Topic[]) => void;
  onState: (state: LiveState) => void;
  onSessionEnded: () => void;
  onServerTime: (iso: string) => void;
}

const helloMilliseconds = 10_000;
const pollMilliseconds = 5_000;
const againMilliseconds = 1_000;
const longestAgainMilliseconds = 10_000;
/** A stream that lasted for less counts as one that could not be had. */
const provenMilliseconds = 10_000;
const failuresBeforePolling = 3;
/** While polling, every so many polls a stream is tried once more. */
const pollsBetweenStreams = 12;

/**
 * Tells of changes on the Person Server: by its event stream, and where none can be had, by asking every five seconds. It goes on
 * trying until the session ends, whatever else comes back. Whenever something may have been missed, everything counts as changed.
 *
 * @returns what ends it
 */
export function goLive(options: LiveOptions): () => void {
  let stopped = false;
  let stream: ChangeStream | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let polls = 0;
  let seen: number | undefined;
  /** How often in a row nothing of use was answered. */
  let unanswered = 0;

  const later = (action: () => void, milliseconds: number) => {
    clearTimeout(timer);
    timer = setTimeout(action, milliseconds);
  };
  const stop = () => {
    stopped = true;
    clearTimeout(timer);
    stream?.close();
  };

  function listen() {
    const source = options.openStream();
    stream = source;
    later(failed, helloMilliseconds);
    source.addEventListener('hello', (event) => {
      later(() => {
        failures = 0;
      }, provenMilliseconds);
      seen = undefined;
      const hello = helloSchema.safeParse(parse(event.data));
      if (hello.success) options.onServerTime(hello.data.server_time);
      options.onState('live');
      options.onChanged(topics);
    });
    source.addEventListener('changed', (event) => {
      const changed = changedSchema.safeParse(parse(event.data));
      options.onChanged(changed.success ? topics.filter((topic) => changed.data.topics.includes(topic)) : topics);
    });
    source.addEventListener('session-ended', () => {
      stop();
      options.onSessionEnded();
    });
    source.addEventListener('error', failed);
  }

  function failed() {
    stream?.close();
    if (stopped) return;
    failures += 1;
    look();
  }

  async function look() {
    try {
      const changes = await options.pollChanges();
      if (stopped) return;
      if (unanswered > 0 || changes !== seen) options.onChanged(topics);
      seen = changes;
      unanswered = 0;
      options.onState('polling');
      polls += 1;
      const tryStream = failures < failuresBeforePolling || polls % pollsBetweenStreams === 0;
      later(tryStream ? listen : look, tryStream ? againMilliseconds : pollMilliseconds);
    } catch (error) {
      if (stopped) return;
      // Whoever asked has noticed. Any other refusal is one for now, as of a server that is just being stopped.
      if (isSessionEnd(error)) return stop();
      failures = 0;
      options.onState('offline');
      later(look, Math.min(againMilliseconds * 2 ** unanswered, longestAgainMilliseconds));
      unanswered += 1;
    }
  }

  listen();
  return stop;
}

function parse(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return undefined;
  }
}
