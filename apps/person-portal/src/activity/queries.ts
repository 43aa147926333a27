import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';
import { type ActivityKind, activitySchema } from '../api/activity.ts';
import type { Api } from '../api/api.ts';

export interface ActivityFilter {
  words: string;
  kinds: readonly ActivityKind[];
}

export function activityQuery(api: Api, { words, kinds }: ActivityFilter) {
  return infiniteQueryOptions({
    queryKey: ['activity', words, kinds.join()],
    queryFn: ({ pageParam }) => {
      const parameters = new URLSearchParams({
        ...(words !== '' && { q: words }),
        ...(kinds.length > 0 && { kind: kinds.join() }),
        ...(pageParam !== null && { before: pageParam }),
      });
      return api.get(`/person/activity?${parameters}`, activitySchema);
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    select: ({ pages }) => pages.flatMap(({ entries }) => entries),
    placeholderData: keepPreviousData,
  });
}
