import { useNow } from './clock.tsx';
import { toSeconds } from './duration.ts';
import styles from './lifetime.module.css';

export interface LifetimeProps {
  /** ISO 8601. */
  from: string;
  /** ISO 8601. */
  until: string;
}

/** The part of a lifetime that is left, as a thin bar that drains. Stands beside words that say the same. */
export function Lifetime({ from, until }: LifetimeProps) {
  const now = useNow();
  const whole = Math.max(1, toSeconds(until) - toSeconds(from));
  const left = Math.min(1, Math.max(0, (toSeconds(until) - now) / whole));
  return (
    <svg className={styles.bar} viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
      <rect className={styles.whole} width="100" height="1" />
      <rect className={styles.left} width={Math.round(left * 1000) / 10} height="1" />
    </svg>
  );
}
