import styles from './progress-bar.module.css';

export interface ProgressBarProps {
  /** What goes on. */
  label: string;
  /** From 0 to 100. */
  value: number;
  /** It waits for somebody: the bar stands still. */
  waiting?: boolean;
}

/** How far something has come, as a thin bar that fills. Stands beside words that say the same. */
export function ProgressBar({ label, value, waiting = false }: ProgressBarProps) {
  const shown = Math.min(100, Math.max(0, Math.round(value)));
  return (
    <svg
      className={waiting ? styles.waiting : styles.bar}
      viewBox="0 0 100 1"
      preserveAspectRatio="none"
      role="progressbar"
      aria-label={label}
      aria-valuenow={shown}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <rect className={styles.whole} width="100" height="1" />
      <rect className={styles.done} width={shown} height="1" />
    </svg>
  );
}
