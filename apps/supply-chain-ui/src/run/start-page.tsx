import { Section } from '@aauth-stack/ui';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useApi } from '../api/api.ts';
import { usePageTitle } from '../pages/page-title.ts';
import { Workspace } from '../pages/workspace.tsx';
import { ApprovalCard } from './approval-card.tsx';
import { Chain } from './chain.tsx';
import { Composer } from './composer.tsx';
import { ownAgentQuery, runsQuery } from './queries.ts';
import { RunList } from './run-list.tsx';
import styles from './start-page.module.css';

const shown = 4;

/** Where a run begins. */
export function StartPage() {
  usePageTitle('Run');
  const agent = useQuery(ownAgentQuery(useApi())).data;
  return (
    <Workspace>
      <div className={styles.page}>
        <header className={styles.header}>
          <h1>What should the agents work on?</h1>
          <p className={styles.about}>
            The first agent passes your request on, the next one may ask a third. Each proves who it is with every
            request, and nobody acts in your name without you.
          </p>
        </header>
        {agent?.approve_url && <ApprovalCard url={agent.approve_url} agent={agent.agent_name} detail={agent.detail} />}
        <Composer />
        <Chain />
        <RecentRuns />
      </div>
    </Workspace>
  );
}

function RecentRuns() {
  const { data } = useInfiniteQuery(runsQuery(useApi()));
  const runs = data?.pages[0]?.runs ?? [];
  if (runs.length === 0) return null;
  return (
    <Section title="Recent runs" actions={runs.length > shown && <Link href="/history">All runs</Link>}>
      <RunList label="Recent runs" runs={runs.slice(0, shown)} />
    </Section>
  );
}
