import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { useApi } from '../api/api.ts';
import { changesSchema, type Topic } from '../api/events.ts';
import { useServerClock } from '../session/server-clock.tsx';
import { endSession } from '../session/session.ts';
import { goLive, type LiveState } from './go-live.ts';

const LiveContext = createContext<LiveState>('live');

/** Whether changes on the server reach this page. */
export function useLiveState(): LiveState {
  return useContext(LiveContext);
}

/** Reads again what the pages below show, whenever the server says that it changed. */
export function LiveUpdates({ children }: { children: ReactNode }) {
  const api = useApi();
  const client = useQueryClient();
  const { setServerTime } = useServerClock();
  const [state, setState] = useState<LiveState>('live');

  useEffect(
    () =>
      goLive({
        openStream: () => new EventSource('/ui/events'),
        pollChanges: async () => (await api.get('/ui/changes', changesSchema)).changes,
        onChanged: (topics) => readAgain(client, topics),
        onState: setState,
        onSessionEnded: () => endSession(client),
        onServerTime: setServerTime,
      }),
    [api, client, setServerTime],
  );

  return <LiveContext value={state}>{children}</LiveContext>;
}

/** Marks what is cached of some topics as out of date; what is on the page is read again now. */
export function readAgain(client: QueryClient, topics: readonly Topic[]): void {
  for (const topic of topics) void client.invalidateQueries({ queryKey: [topic] });
}
