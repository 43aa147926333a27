import {
  Button,
  ButtonLink,
  EmptyState,
  ErrorState,
  Placeholder,
  RelativeTime,
  Tabs,
  useAnnounce,
} from '@aauth-stack/ui';
import { CircleStop, Plus, RotateCcw, Unplug } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { RefusedError, UnreachableError } from '../api/errors.ts';
import { hasEnded, type Progress, type RunStatus } from '../api/runs.ts';
import { ConsentCard } from '../consent/consent-card.tsx';
import { usePageTitle } from '../pages/page-title.ts';
import { StartTheStack } from '../pages/start-the-stack.tsx';
import { Workspace } from '../pages/workspace.tsx';
import { Reports } from '../result/reports.tsx';
import { Result } from '../result/result.tsx';
import { ApprovalCard } from './approval-card.tsx';
import type { Following } from './follow-run.ts';
import { RunFailed } from './run-failed.tsx';
import styles from './run-page.module.css';
import { RunProgress } from './run-progress.tsx';
import { RunStatusMark } from './run-status.tsx';
import { useRun } from './use-run.ts';
import { useRunTab } from './use-run-tab.ts';
import { useCancelRun, useStartRun } from './use-start-run.ts';
import { promptOf, tookWords } from './words.ts';

const FlowTab = lazy(async () => ({ default: (await import('../flow/index.ts')).FlowTab }));
const FlowStrip = lazy(async () => ({ default: (await import('../flow/index.ts')).FlowStrip }));

/** One run: how it goes, what it needs of the person, what came of it. */
export function RunPage({ requestId }: { requestId: string }) {
  const { run, following } = useRun(requestId);
  usePageTitle(run.data ? promptOf(run.data) : 'Run');
  useAnnounceEnd(run.data?.status);
  if (run.data) return <Shown run={run.data} following={following} />;
  return (
    <Workspace>
      {run.error ? (
        <Missing error={run.error} onRetry={() => void run.refetch()} />
      ) : (
        <Placeholder label="Loading the run" />
      )}
    </Workspace>
  );
}

/** Tells whoever cannot see it that a run has ended while they were there. */
function useAnnounceEnd(status: RunStatus | undefined): void {
  const announce = useAnnounce();
  const before = useRef(status);
  useEffect(() => {
    if (before.current !== undefined && before.current !== status) {
      if (status === 'completed') announce('The run is completed.');
      if (status === 'failed') announce('The run has failed.');
    }
    before.current = status;
  }, [announce, status]);
}

function Shown({ run, following }: { run: Progress; following: Following }) {
  const { tabs, tab, choose } = useRunTab(run);
  const { interaction_url: url, interaction_code: code } = run;
  const live = !hasEnded(run);
  return (
    <Workspace wide={tab === 'flow'}>
      <Header run={run} />
      {run.status === 'failed' && <RunFailed run={run} />}
      {url && code && (
        <ConsentCard key={code} requestId={run.request_id} url={url} code={code} until={run.waiting_until} />
      )}
      {run.status === 'approval_pending' && url && (
        <ApprovalCard url={url} agent="An agent" detail={run.current_step} />
      )}
      {tab !== 'flow' && (
        <Suspense fallback={<div className={styles.strip} />}>
          <div className={styles.strip}>
            <FlowStrip requestId={run.request_id} live={live} />
          </div>
        </Suspense>
      )}
      <Tabs label="This run" tabs={tabs} chosen={tab} onChoose={choose}>
        {tab === 'progress' && <RunProgress run={run} following={following} />}
        {tab === 'result' && <Result requestId={run.request_id} />}
        {tab === 'reports' && <Reports requestId={run.request_id} />}
        {tab === 'flow' && (
          <Suspense fallback={<Placeholder label="Loading what happened on the wire" />}>
            <FlowTab requestId={run.request_id} live={live} />
          </Suspense>
        )}
      </Tabs>
    </Workspace>
  );
}

function Header({ run }: { run: Progress }) {
  return (
    <header className={styles.header}>
      <div className={styles.line}>
        <RunStatusMark status={run.status} />
        <span className={styles.when}>
          started <RelativeTime at={run.created_at} />
          {run.completed_at && `, ${tookWords(run.created_at, run.completed_at)}`}
        </span>
      </div>
      <h1 className={styles.prompt} title={promptOf(run)}>
        {promptOf(run)}
      </h1>
      <div className={styles.actions}>{hasEnded(run) ? <Again run={run} /> : <Stop run={run} />}</div>
    </header>
  );
}

function Again({ run }: { run: Progress }) {
  const [, navigate] = useLocation();
  const again = useStartRun();
  return (
    <>
      {run.status === 'completed' && (
        <Button icon={RotateCcw} busy={again.isPending} onClick={() => again.mutate(promptOf(run))}>
          Run it again
        </Button>
      )}
      <ButtonLink
        href="/"
        icon={Plus}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          navigate('/');
        }}
      >
        New run
      </ButtonLink>
      {again.error && <ErrorState title="The run could not be started">{again.error.message}</ErrorState>}
    </>
  );
}

function Stop({ run }: { run: Progress }) {
  const cancel = useCancelRun(run.request_id);
  return (
    <>
      <Button icon={CircleStop} busy={cancel.isPending} onClick={() => cancel.mutate()}>
        Stop this run
      </Button>
      {cancel.error && <ErrorState title="The run could not be stopped">{cancel.error.message}</ErrorState>}
    </>
  );
}

function Missing({ error, onRetry }: { error: Error; onRetry: () => void }) {
  if (error instanceof RefusedError && error.status === 404) {
    return (
      <>
        <h1>No such run</h1>
        <EmptyState icon={Unplug} title="This run is not there any more">
          It was cleared, or the address is wrong. <Link href="/history">The history</Link> has those that are.
        </EmptyState>
      </>
    );
  }
  return (
    <>
      <h1>Run</h1>
      <ErrorState title="The run cannot be shown" action={<Button onClick={onRetry}>Try again</Button>}>
        {error instanceof UnreachableError ? <StartTheStack /> : error.message}
      </ErrorState>
    </>
  );
}
