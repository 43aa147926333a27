import { Placeholder, RelativeTime } from '@aauth-stack/ui';
import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { useApi } from '../api/api.ts';
import { agentName } from '../run/words.ts';
import { activitiesQuery } from './queries.ts';
import styles from './selected-activity.module.css';
import { useSelectedActivity } from './use-selected-activity.ts';

const AgentText = lazy(async () => ({ default: (await import('../result/agent-text.tsx')).AgentText }));

/** The words of the agent whose line in the feed was chosen. */
export function SelectedActivity() {
  const { data } = useQuery(activitiesQuery(useApi()));
  const { selected, select } = useSelectedActivity();
  const panel = useRef<HTMLElement>(null);
  const activity = data?.find(({ id }) => id === selected);
  const shown = activity?.id;

  useEffect(() => {
    if (shown !== undefined && panel.current && panel.current.getBoundingClientRect().top < 0) {
      panel.current.scrollIntoView();
    }
  }, [shown]);

  if (!activity) return null;
  return (
    <section ref={panel} className={styles.panel} aria-labelledby="selected-activity">
      <header className={styles.header}>
        <h2 id="selected-activity" className={styles.title}>
          {agentName(activity.agent)}
        </h2>
        <button type="button" className={styles.close} aria-label="Close" onClick={() => select(undefined)}>
          <X size={20} aria-hidden="true" />
        </button>
      </header>
      <p className={styles.about}>
        <RelativeTime at={activity.timestamp} />{' '}
        <Link href={`/runs/${activity.request_id}?activity=${activity.id}`}>Show the run</Link>
      </p>
      <Suspense fallback={<Placeholder label="Loading the text" lines={1} />}>
        <AgentText key={activity.id} text={activity.details} />
      </Suspense>
    </section>
  );
}
