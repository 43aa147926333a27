import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../api/api.ts';
import { activitiesSchema } from '../api/runs.ts';

const everyMilliseconds = 5000;

export const activitiesQuery = (api: Api) =>
  queryOptions({
    queryKey: ['activities'],
    queryFn: ({ signal }) => api.get('/agents/activities?limit=50', activitiesSchema, signal),
    refetchInterval: everyMilliseconds,
  });
