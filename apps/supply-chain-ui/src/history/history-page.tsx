import { Button, EmptyState, ErrorState, Placeholder } from '@aauth-stack/ui';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { ChevronDown, Eraser, History } from 'lucide-react';
import { Link } from 'wouter';
import { useApi } from '../api/api.ts';
import { UnreachableError } from '../api/errors.ts';
import { hasEnded } from '../api/runs.ts';
import { usePageTitle } from '../pages/page-title.ts';
import { StartTheStack } from '../pages/start-the-stack.tsx';
import { Workspace } from '../pages/workspace.tsx';
import { runsQuery } from '../run/queries.ts';
import { RunList } from '../run/run-list.tsx';
import styles from './history-page.module.css';

/** The runs there were, and those under way. */
export function HistoryPage() {
  usePageTitle('History');
  const api = useApi();
  const client = useQueryClient();
  const query = useInfiniteQuery(runsQuery(api));
  const runs = query.data?.pages.flatMap((page) => page.runs);
  const mayHaveEnded = runs?.some(hasEnded) || query.hasNextPage;
  const clear = useMutation({
    mutationFn: () => api.remove('/optimization/clear'),
    onSettled: () => client.invalidateQueries({ queryKey: ['runs'] }),
  });
  return (
    <Workspace>
      <header className={styles.header}>
        <div>
          <h1>History</h1>
          <p className={styles.about}>Your runs, the newest first. They outlive a reload and a restart.</p>
        </div>
        {mayHaveEnded && (
          <Button icon={Eraser} busy={clear.isPending} onClick={() => clear.mutate()}>
            Clear those that have ended
          </Button>
        )}
      </header>
      {clear.error && <ErrorState title="They could not be cleared">{clear.error.message}</ErrorState>}
      {!runs && query.error && (
        <ErrorState title="The runs cannot be read" action={<Button onClick={() => query.refetch()}>Try again</Button>}>
          {query.error instanceof UnreachableError ? <StartTheStack /> : query.error.message}
        </ErrorState>
      )}
      {query.isLoading && <Placeholder label="Loading the runs" lines={5} />}
      {runs?.length === 0 && (
        <EmptyState icon={History} title="There are no runs">
          <Link href="/">Start one.</Link>
        </EmptyState>
      )}
      {runs && runs.length > 0 && <RunList label="Runs" runs={runs} />}
      {query.hasNextPage && (
        <div className={styles.more}>
          <Button icon={ChevronDown} busy={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
            Show older ones
          </Button>
        </div>
      )}
    </Workspace>
  );
}
