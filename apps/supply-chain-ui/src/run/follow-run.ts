import { RefusedError, UnreachableError } from '../api/errors.ts';
import type { StreamEvent } from '../api/event-stream.ts';
import { hasEnded, type Progress, progressSchema } from '../api/runs.ts';

/** `live`: progress is pushed. `polling`: the page asks for it. `offline`: nobody answers. */
export type Following = 'live' | 'polling' | 'offline';

export interface FollowOptions {
  events: (signal: AbortSignal) => AsyncIterable<StreamEvent>;
  read: (signal: AbortSignal) => Promise<Progress>;
  onProgress: (progress: Progress) => void;
  onState: (state: Following) => void;
}

const pollMilliseconds = 2000;
const againMilliseconds = 1000;
const failuresBeforePolling = 3;
/** While polling, every so many polls a stream is tried once more. */
const pollsBetweenStreams = 15;

/**
 * Tells how a run goes until it has ended: by the backend's event stream, and where none can be had, by asking every two seconds.
 *
 * @returns what ends it
 */
export function followRun(options: FollowOptions): () => void {
  const stop = new AbortController();
  void follow(options, stop.signal);
  return () => stop.abort();
}

async function follow(options: FollowOptions, signal: AbortSignal): Promise<void> {
  let failures = 0;
  for (let polls = 1; !signal.aborted; polls += 1) {
    if (failures < failuresBeforePolling || polls % pollsBetweenStreams === 0) {
      const outcome = await listen(options, signal);
      if (outcome === 'ended') return;
      failures = outcome === 'heard' ? 1 : failures + 1;
    }
    if (signal.aborted) return;
    const state = await look(options, signal);
    if (state === 'ended' || signal.aborted) return;
    options.onState(state);
    if (state === 'offline') failures = 0;
    await pause(state === 'polling' && failures < failuresBeforePolling ? againMilliseconds : pollMilliseconds, signal);
  }
}

/** Whether the run has ended; if not, whether the stream told anything before it broke off. */
async function listen({ events, onProgress, onState }: FollowOptions, signal: AbortSignal) {
  let heard = false;
  try {
    for await (const { event, data } of events(signal)) {
      if (event !== 'progress') continue;
      const progress = progressSchema.parse(JSON.parse(data));
      if (!heard) onState('live');
      heard = true;
      onProgress(progress);
      if (hasEnded(progress)) return 'ended';
    }
  } catch {
    // Whatever is wrong with the stream, asking tells more.
  }
  return heard ? 'heard' : 'nothing';
}

async function look({ read, onProgress }: FollowOptions, signal: AbortSignal) {
  try {
    const progress = await read(signal);
    if (signal.aborted) return 'ended';
    onProgress(progress);
    return hasEnded(progress) ? 'ended' : 'polling';
  } catch (error) {
    // A run that is refused is not going on: whoever reads it once more shows why.
    if (error instanceof RefusedError) return 'ended';
    if (error instanceof UnreachableError || signal.aborted) return 'offline';
    throw error;
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}
