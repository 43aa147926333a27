import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { ownAgentSchema } from '../api/agent.ts';
import type { Api } from '../api/api.ts';
import { hasEnded, progressSchema, resultsSchema, runsSchema } from '../api/runs.ts';

const underWayMilliseconds = 5000;
const settledMilliseconds = 60_000;

export const runQuery = (api: Api, id: string) =>
  queryOptions({
    queryKey: ['run', id],
    queryFn: ({ signal }) => api.get(`/optimization/progress/${id}`, progressSchema, signal),
  });

export const runsQuery = (api: Api) =>
  infiniteQueryOptions({
    queryKey: ['runs'],
    queryFn: ({ pageParam, signal }) => {
      const before = pageParam === '' ? '' : `&before=${encodeURIComponent(pageParam)}`;
      return api.get(`/optimization/runs?limit=20${before}`, runsSchema, signal);
    },
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ runs }) => runs.some((run) => !hasEnded(run)))
        ? underWayMilliseconds
        : settledMilliseconds,
  });

const waitingMilliseconds = 3000;

export const ownAgentQuery = (api: Api) =>
  queryOptions({
    queryKey: ['own-agent'],
    queryFn: ({ signal }) => api.get('/agents/self', ownAgentSchema, signal),
    refetchInterval: ({ state }) => (state.data?.state === 'enrolled' ? settledMilliseconds : waitingMilliseconds),
  });

export const resultsQuery = (api: Api, id: string) =>
  queryOptions({
    queryKey: ['results', id],
    queryFn: ({ signal }) => api.get(`/optimization/results/${id}`, resultsSchema, signal),
    // What a run came to never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });
