import { Placeholder } from '@aauth-stack/ui';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Problem } from './problem.tsx';

export interface LoadedProps<T> {
  query: UseQueryResult<T, Error>;
  /** What is read: "agents". */
  what: string;
  /** Shows it once it is there. */
  children: (data: T) => ReactNode;
}

/** What a query brought; its place while it is on its way; what went wrong where it brought nothing. */
export function Loaded<T>({ query, what, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) {
    return <Problem title={`The ${what} could not be read`} error={query.error} onRetry={() => void query.refetch()} />;
  }
  return <Placeholder label={`Loading the ${what}`} />;
}
