import { type QueryClient, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { type Api, useApi } from '../../api/api.ts';
import { applyChange } from '../model/apply-change.ts';
import { type Flow, flowChangeSchema, flowSchema } from '../model/flow.ts';

/** How long to wait before following a run again that could not be followed, in milliseconds. */
const againMs = 2_000;
/** A run that has ended: its last spans are on their way. */
const settleMs = 4_000;

export function flowQuery(api: Api, requestId: string) {
  return queryOptions({
    queryKey: ['flow', requestId],
    queryFn: ({ signal }) => api.get(`/flows/${requestId}`, flowSchema, signal),
  });
}

/** What happened on the wire during a run; as it happens while the run is live. */
export function useFlow(requestId: string, live: boolean) {
  const api = useApi();
  const client = useQueryClient();
  const query = useQuery(flowQuery(api, requestId));

  useEffect(() => {
    const ends = new AbortController();
    if (live) {
      void follow(api, client, requestId, ends.signal);
      return () => ends.abort();
    }
    const timer = setTimeout(() => void client.invalidateQueries({ queryKey: ['flow', requestId] }), settleMs);
    return () => clearTimeout(timer);
  }, [api, client, requestId, live]);

  return query;
}

async function follow(api: Api, client: QueryClient, requestId: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const { event, data } of api.events(`/flows/${requestId}/events`, signal)) {
        const change = flowChangeSchema.safeParse(JSON.parse(data));
        if (event !== 'flow' || !change.success) continue;
        client.setQueryData<Flow>(['flow', requestId], (flow) => applyChange(flow, change.data));
      }
    } catch {
      // Whatever broke it off: what there is stays shown, and it is tried again.
    }
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}
