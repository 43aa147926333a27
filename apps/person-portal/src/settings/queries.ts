import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../api/api.ts';
import { sessionInfosSchema } from '../api/session.ts';
import { resourcesSchema, settingsSchema } from '../api/settings.ts';

export function settingsQuery(api: Api) {
  return queryOptions({ queryKey: ['settings'], queryFn: () => api.get('/person/settings', settingsSchema) });
}

export function resourcesQuery(api: Api) {
  return queryOptions({ queryKey: ['resources'], queryFn: () => api.get('/person/resources', resourcesSchema) });
}

export function sessionsQuery(api: Api) {
  return queryOptions({ queryKey: ['sessions'], queryFn: () => api.get('/person/sessions', sessionInfosSchema) });
}
