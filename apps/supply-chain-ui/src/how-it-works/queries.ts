import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../api/api.ts';
import { flowSummariesSchema } from '../flow/model/flow.ts';

/** The last runs of which it is known what happened on the wire, newest first. */
export function recentFlowsQuery(api: Api) {
  return queryOptions({
    queryKey: ['flows'],
    queryFn: async ({ signal }) => (await api.get('/flows?limit=50', flowSummariesSchema, signal)).flows,
  });
}
