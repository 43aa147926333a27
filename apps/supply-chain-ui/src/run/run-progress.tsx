import { formatDuration, ProgressBar, toSeconds, useNow } from '@aauth-stack/ui';
import type { Progress } from '../api/runs.ts';
import { Chain } from './chain.tsx';
import type { Following } from './follow-run.ts';
import styles from './run-progress.module.css';

export interface RunProgressProps {
  run: Progress;
  following: Following;
}

/** How a run goes, while it does. */
export function RunProgress({ run, following }: RunProgressProps) {
  const waits = run.status === 'interaction_required' || run.status === 'approval_pending';
  return (
    <section className={styles.card} aria-label="Progress">
      <Chain run={run} />
      <div className={styles.bar}>
        <p className={styles.step} aria-live="polite">
          {run.status === 'interaction_required' ? 'Waiting for your decision' : run.current_step}
        </p>
        <Elapsed since={run.created_at} />
        <ProgressBar label="Progress of this run" value={run.progress_percentage} waiting={waits} />
      </div>
      {following === 'polling' && (
        <p className={styles.note}>The backend sends no live progress: this page asks every two seconds.</p>
      )}
    </section>
  );
}

function Elapsed({ since }: { since: string }) {
  return <p className={styles.elapsed}>{formatDuration(useNow() - toSeconds(since))}</p>;
}
