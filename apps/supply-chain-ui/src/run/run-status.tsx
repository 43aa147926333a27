import { Meaning, type MeaningName } from '@aauth-stack/ui';
import type { RunStatus } from '../api/runs.ts';
import styles from './run-status.module.css';

const marks: Readonly<Record<RunStatus, { of?: MeaningName; words: string }>> = {
  pending: { words: 'Starting' },
  running: { words: 'Working' },
  authorizing: { of: 'exchange', words: 'Authorizing' },
  interaction_required: { of: 'challenge', words: 'Waits for you' },
  approval_pending: { of: 'challenge', words: 'Waits for an approval' },
  completed: { of: 'consent', words: 'Completed' },
  failed: { of: 'refusal', words: 'Failed' },
};

/** How a run stands, in a word. */
export function RunStatusMark({ status }: { status: RunStatus }) {
  const { of, words } = marks[status];
  if (of) return <Meaning of={of}>{words}</Meaning>;
  return (
    <span className={styles.working}>
      <span className={styles.dot} aria-hidden="true" />
      {words}
    </span>
  );
}
