import { createContext, type ReactNode, useCallback, useContext, useMemo, useSyncExternalStore } from 'react';

interface PageClock {
  now: () => number;
  subscribe: (tick: () => void) => () => void;
}

const tickMilliseconds = 1000;

const ClockContext = createContext<PageClock>(createClock(() => Date.now()));

/** One timer for all times on a page, running while there are any. */
function createClock(now: () => number): PageClock {
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    now,
    subscribe: (tick) => {
      listeners.add(tick);
      timer ??= setInterval(() => {
        for (const listener of listeners) listener();
      }, tickMilliseconds);
      return () => {
        listeners.delete(tick);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}

export interface ClockProviderProps {
  /** Milliseconds since the epoch, as the server counts them. */
  now: () => number;
  children: ReactNode;
}

/** Lets the times below it be told by another clock than the browser's. */
export function ClockProvider({ now, children }: ClockProviderProps) {
  const clock = useMemo(() => createClock(now), [now]);
  return <ClockContext value={clock}>{children}</ClockContext>;
}

/** The time in whole seconds since the epoch; the component renders again with each of them. */
export function useNow(): number {
  const { now, subscribe } = useContext(ClockContext);
  return useSyncExternalStore(
    subscribe,
    useCallback(() => Math.floor(now() / 1000), [now]),
  );
}
