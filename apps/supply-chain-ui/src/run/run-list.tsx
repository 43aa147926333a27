import { RelativeTime } from '@aauth-stack/ui';
import { Link } from 'wouter';
import type { RunEntry } from '../api/runs.ts';
import { formatMoney } from '../result/money.ts';
import styles from './run-list.module.css';
import { RunStatusMark } from './run-status.tsx';
import { promptOf, tookWords } from './words.ts';

export interface RunListProps {
  label: string;
  runs: readonly RunEntry[];
}

/** Runs, one line each; a line leads to its run. */
export function RunList({ label, runs }: RunListProps) {
  return (
    <ul className={styles.list} aria-label={label}>
      {runs.map((run) => (
        <li key={run.request_id} className={styles.line}>
          <div className={styles.words}>
            <Link className={styles.link} href={`/runs/${run.request_id}`}>
              {promptOf(run)}
            </Link>
            <p className={styles.about}>
              <RelativeTime at={run.created_at} />
              {run.completed_at && <span>{tookWords(run.created_at, run.completed_at)}</span>}
              {run.summary && run.summary.total_cost > 0 && <span>{formatMoney(run.summary.total_cost)} to spend</span>}
              {run.error && <span className={styles.reason}>{run.error}</span>}
            </p>
          </div>
          <RunStatusMark status={run.status} />
        </li>
      ))}
    </ul>
  );
}
