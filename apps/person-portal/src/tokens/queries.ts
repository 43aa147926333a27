import { infiniteQueryOptions } from '@tanstack/react-query';
import type { Api } from '../api/api.ts';
import { type IssuedToken, issuedTokensSchema } from '../api/tokens.ts';

export function tokensQuery(api: Api) {
  return infiniteQueryOptions({
    queryKey: ['tokens'],
    queryFn: ({ pageParam }) => {
      const query = pageParam === null ? '' : `?${new URLSearchParams({ before: pageParam })}`;
      return api.get(`/person/issued-tokens${query}`, issuedTokensSchema);
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    select: ({ pages }) => pages.flatMap(({ tokens }) => tokens),
  });
}

/** Whether a token can still be used, at a moment in seconds since the epoch. */
export function isLive({ revoked_at: revoked, expires_at: expires }: IssuedToken, now: number): boolean {
  return revoked === null && Date.parse(expires) / 1000 > now;
}
