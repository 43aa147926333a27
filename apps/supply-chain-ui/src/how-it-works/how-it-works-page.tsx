import { Button, ErrorState, Placeholder } from '@aauth-stack/ui';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api.ts';
import type { FlowSummary } from '../flow/model/flow.ts';
import { usePageTitle } from '../pages/page-title.ts';
import styles from './how-it-works.module.css';
import { ModeWalk } from './mode-walk.tsx';
import { modeGuides } from './modes.ts';
import { recentFlowsQuery } from './queries.ts';

/** The three ways to have access, told with the reader's own last run of each. */
export function HowItWorksPage() {
  usePageTitle('How it works');
  const { data: flows, error, refetch } = useQuery(recentFlowsQuery(useApi()));
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <h1>How it works</h1>
        <p>
          An agent that acts for a person has to show who it is, for whom it works, and that it may. AAuth does that
          with signed requests and short-lived tokens, and without secrets that are handed around. Below is each way to
          have access, with what your own last run of it put on the wire.
        </p>
        <p>
          The demo runs in one mode at a time: <code>scripts/start-infra.sh mode1</code>, <code>mode3</code> or{' '}
          <code>user-consent</code>. Runs of the other modes stay here.
        </p>
      </header>
      {flows ? (
        modeGuides.map((guide, at) => (
          <ModeWalk
            key={guide.kind}
            guide={guide}
            number={at + 1}
            run={lastOf(flows, guide.kind)}
            next={modeGuides[at + 1]}
          />
        ))
      ) : error ? (
        <ErrorState title="Your runs cannot be read" action={<Button onClick={() => void refetch()}>Try again</Button>}>
          {error.message}
        </ErrorState>
      ) : (
        <Placeholder label="Loading your runs" />
      )}
    </div>
  );
}

/** A run that was refused is no good example of how access is had; one that goes on is not one yet. */
function lastOf(flows: readonly FlowSummary[], kind: FlowSummary['kind']): FlowSummary | undefined {
  return flows.find((flow) => flow.kind === kind && flow.status === 'completed');
}
