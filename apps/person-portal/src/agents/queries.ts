import { queryOptions, useQuery } from '@tanstack/react-query';
import { bindingsSchema, registrationsSchema, trustedAgentServersSchema } from '../api/agents.ts';
import { type Api, useApi } from '../api/api.ts';

export function registrationsQuery(api: Api) {
  return queryOptions({
    queryKey: ['registrations'],
    queryFn: () => api.get('/person/registrations', registrationsSchema),
  });
}

export function bindingsQuery(api: Api) {
  return queryOptions({ queryKey: ['bindings'], queryFn: () => api.get('/person/bindings', bindingsSchema) });
}

export function providersQuery(api: Api) {
  return queryOptions({
    queryKey: ['providers'],
    queryFn: () => api.get('/person/trusted-agent-servers', trustedAgentServersSchema),
  });
}

/** What a trusted agent provider calls itself. */
export function useProviderName(issuer: string): string | undefined {
  const { data } = useQuery(providersQuery(useApi()));
  return data?.find((provider) => provider.issuer === issuer)?.display_name;
}
