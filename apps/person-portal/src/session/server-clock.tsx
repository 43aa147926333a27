import { ClockProvider } from '@aauth-stack/ui';
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';

interface ServerClock {
  setServerTime: (iso: string) => void;
}

const ServerClockContext = createContext<ServerClock>({ setServerTime: () => {} });

export function useServerClock(): ServerClock {
  return useContext(ServerClockContext);
}

/** A smaller difference is the time that the answer took, and would make every time on the page jump. */
const tolerated = 2000;

/** Times on the pages are told by the server's clock: a device whose clock is wrong shows right lifetimes all the same. */
export function ServerClockProvider({ children }: { children: ReactNode }) {
  const [offset, setOffset] = useState(0);
  const setServerTime = useCallback((iso: string) => {
    const difference = Date.parse(iso) - Date.now();
    setOffset((before) => (Math.abs(difference - before) > tolerated ? difference : before));
  }, []);
  const now = useCallback(() => Date.now() + offset, [offset]);
  const clock = useMemo(() => ({ setServerTime }), [setServerTime]);
  return (
    <ServerClockContext value={clock}>
      <ClockProvider now={now}>{children}</ClockProvider>
    </ServerClockContext>
  );
}
