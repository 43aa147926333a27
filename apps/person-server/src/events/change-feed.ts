import { changesChannel, type Topic, topics } from './topics.ts';

/** Changes that follow each other within this time are told together. */
const coalesceMs = 100;

type ChangeListener = (changed: readonly Topic[]) => void;

/** Everything that changes in the database, whichever replica changes it. */
export interface ChangeFeed {
  /** A number that grows with every change. */
  count(): number;
  subscribe(listener: ChangeListener): () => void;
  close(): void;
}

export interface ChangeFeedOptions {
  /** Of the database: calls back with the topics of a change, and with undefined when some may have been missed. */
  listen(channel: string, callback: (payload: string | undefined) => void): Promise<() => void>;
}

export async function createChangeFeed({ listen }: ChangeFeedOptions): Promise<ChangeFeed> {
  const listeners = new Set<ChangeListener>();
  const changed = new Set<Topic>();
  let timer: NodeJS.Timeout | undefined;
  // Grows over restarts too: whoever saw a number of an earlier process sees another one now.
  let count = Date.now();

  const tell = () => {
    timer = undefined;
    const told = topics.filter((topic) => changed.has(topic));
    changed.clear();
    for (const listener of listeners) listener(told);
  };
  const stopListening = await listen(changesChannel, (payload) => {
    count += 1;
    const named = payload === undefined ? topics : topics.filter((topic) => payload.split(',').includes(topic));
    for (const topic of named) changed.add(topic);
    timer ??= setTimeout(tell, coalesceMs);
  });

  return {
    count: () => count,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => {
      clearTimeout(timer);
      stopListening();
      listeners.clear();
    },
  };
}
