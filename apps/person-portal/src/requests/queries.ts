import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { type Api, useApi } from '../api/api.ts';
import {
  type ConsentDecision,
  type ConsentRequest,
  consentRequestSchema,
  consentRequestsSchema,
} from '../api/consent.ts';
import { useChange } from '../pages/use-change.ts';

export function requestsQuery(api: Api) {
  return queryOptions({
    queryKey: ['requests'],
    queryFn: () => api.get('/person/requests', consentRequestsSchema),
  });
}

/** What the link that an agent gave leads to. Reading it is what binds its code to this session. */
export function requestByCodeQuery(api: Api, code: string, callback: string | undefined) {
  const parameters = new URLSearchParams({ code, ...(callback !== undefined && { callback }) });
  return queryOptions({
    queryKey: ['requests', 'by-code', code, callback],
    queryFn: () => api.get(`/consent?${parameters}`, consentRequestSchema),
  });
}

/** Deciding on a request, or asking the agent something first. */
export function useConsentDecision(request: ConsentRequest, onDecided: (after: ConsentRequest) => void) {
  const api = useApi();
  const client = useQueryClient();
  return useChange(
    async (decision: ConsentDecision) => {
      const path = `/consent/${encodeURIComponent(request.pending_id)}/decision`;
      const after = await api.changeAndRead(path, { method: 'POST', body: decision }, consentRequestSchema);
      client.setQueriesData<ConsentRequest>({ queryKey: ['requests', 'by-code'] }, (before) =>
        before?.pending_id === after.pending_id ? after : before,
      );
      onDecided(after);
      return after;
    },
    ['requests', 'consents', 'activity', 'tokens', 'bindings'],
  );
}
