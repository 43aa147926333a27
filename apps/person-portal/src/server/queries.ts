import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../api/api.ts';
import { serverInfoSchema } from '../api/server.ts';

export function serverQuery(api: Api) {
  return queryOptions({ queryKey: ['server'], queryFn: () => api.get('/person/server', serverInfoSchema) });
}
