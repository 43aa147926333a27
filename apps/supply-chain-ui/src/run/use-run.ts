import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useApi } from '../api/api.ts';
import { hasEnded, type Progress, progressSchema } from '../api/runs.ts';
import { type Following, followRun } from './follow-run.ts';
import { runQuery } from './queries.ts';

/** A run, kept current until it has ended. */
export function useRun(id: string): { run: UseQueryResult<Progress>; following: Following } {
  const api = useApi();
  const client = useQueryClient();
  const [following, setFollowing] = useState<Following>('live');
  const run = useQuery(runQuery(api, id));
  const goesOn = run.data !== undefined && !hasEnded(run.data);

  useEffect(() => {
    if (!goesOn) return;
    return followRun({
      events: (signal) => api.events(`/optimization/progress/${id}/events`, signal),
      read: (signal) => api.get(`/optimization/progress/${id}`, progressSchema, signal),
      onProgress: (progress) => {
        const { queryKey } = runQuery(api, id);
        // An answer that is still on its way is older than this.
        void client.cancelQueries({ queryKey });
        client.setQueryData(queryKey, progress);
        void client.invalidateQueries({ queryKey: ['activities'] });
        if (hasEnded(progress)) void client.invalidateQueries({ queryKey: ['runs'] });
      },
      onState: setFollowing,
    });
  }, [api, client, id, goesOn]);

  return { run, following };
}
