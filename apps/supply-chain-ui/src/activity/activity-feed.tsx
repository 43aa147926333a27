import { Button, EmptyState, Placeholder, RelativeTime, useCalmList } from '@aauth-stack/ui';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowUp, CircleCheck, CircleX, Eraser, Inbox, type LucideIcon, SendHorizontal } from 'lucide-react';
import { useApi } from '../api/api.ts';
import type { Activity } from '../api/runs.ts';
import { agentName } from '../run/words.ts';
import styles from './activity-feed.module.css';
import { activitiesQuery } from './queries.ts';
import { whatItDid } from './sentence.ts';
import { useSelectedActivity } from './use-selected-activity.ts';

/** What the agents did, newest first. Choosing a line shows the agent's words. */
export function ActivityFeed() {
  const api = useApi();
  const client = useQueryClient();
  const { data, error } = useQuery(activitiesQuery(api));
  const clear = useMutation({
    mutationFn: () => api.remove('/agents/activities'),
    onSettled: () => client.invalidateQueries({ queryKey: ['activities'] }),
  });
  return (
    <section className={styles.feed} aria-labelledby="activity-title">
      <header className={styles.header}>
        <h2 id="activity-title" className={styles.title}>
          Agent activity
        </h2>
        {data && data.length > 0 && (
          <Button look="quiet" icon={Eraser} busy={clear.isPending} onClick={() => clear.mutate()}>
            Clear
          </Button>
        )}
      </header>
      {data ? <Lines activities={data} /> : !error && <Placeholder label="Loading the activity" />}
    </section>
  );
}

function Lines({ activities }: { activities: readonly Activity[] }) {
  const list = useCalmList(activities, ({ id }) => id.toString());
  const { selected, select } = useSelectedActivity();
  if (list.lines.length === 0) {
    return (
      <EmptyState icon={Inbox} title="Nothing yet">
        What the agents do appears here.
      </EmptyState>
    );
  }
  return (
    <div {...list.hold}>
      {list.fresh > 0 && (
        <div className={styles.fresh}>
          <Button icon={ArrowUp} onClick={list.showFresh}>
            Show {list.fresh} new
          </Button>
        </div>
      )}
      <ul className={styles.lines} aria-label="Agent activity">
        {list.lines.map(({ item, arrived }) => (
          <li key={item.id} className={arrived ? styles.arrived : undefined}>
            <button
              type="button"
              className={styles.line}
              aria-pressed={item.id === selected}
              onClick={() => select(item.id === selected ? undefined : item.id)}
            >
              <StateIcon status={item.status} />
              <span>
                <span className={styles.agent}>{agentName(item.agent)}</span> {whatItDid(item)}
                <span className={styles.time}>
                  <RelativeTime at={item.timestamp} />
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

const icons: Readonly<Partial<Record<Activity['status'], LucideIcon>>> = {
  completed: CircleCheck,
  failed: CircleX,
};

function StateIcon({ status }: { status: Activity['status'] }) {
  const Icon = icons[status] ?? SendHorizontal;
  return <Icon className={styles[status]} size={16} aria-hidden="true" />;
}
