import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { type Api, useApi } from '../api/api.ts';

const againMilliseconds = 5000;

/** Reads the feed and the history again whenever any run changes. Where no stream can be had, the feed asks by itself. */
export function useRunEvents(): void {
  const api = useApi();
  const client = useQueryClient();
  useEffect(() => {
    const stop = new AbortController();
    const onChange = () => {
      void client.invalidateQueries({ queryKey: ['activities'] });
      void client.invalidateQueries({ queryKey: ['runs'] });
    };
    void listen(api, onChange, stop.signal);
    return () => stop.abort();
  }, [api, client]);
}

async function listen(api: Api, onChange: () => void, signal: AbortSignal): Promise<void> {
  try {
    for await (const { event } of api.events('/optimization/events', signal)) {
      if (event === 'run') onChange();
    }
  } catch {
    // Tried again below; what is wrong shows where the page reads the feed.
  }
  if (signal.aborted) return;
  setTimeout(() => {
    if (signal.aborted) return;
    onChange();
    void listen(api, onChange, signal);
  }, againMilliseconds);
}
