import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Topic } from '../api/events.ts';
import { readAgain } from '../live/live-updates.tsx';

interface ChangeOptions {
  /** Changes of the same name wait for each other. */
  inOrder?: string;
}

/** A change that the person makes; afterwards what it touched is read again, whether or not the server tells of it. */
export function useChange<T, Result>(
  change: (what: T) => Promise<Result>,
  topics: readonly Topic[],
  { inOrder }: ChangeOptions = {},
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => readAgain(client, topics),
    ...(inOrder !== undefined && { scope: { id: inOrder } }),
  });
}
