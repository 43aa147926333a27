import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../api/api.ts';
import { consentsSchema } from '../api/consent.ts';

export function consentsQuery(api: Api) {
  return queryOptions({ queryKey: ['consents'], queryFn: () => api.get('/person/consents', consentsSchema) });
}
