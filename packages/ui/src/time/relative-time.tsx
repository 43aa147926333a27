import { useNow } from './clock.tsx';
import { formatExact, formatRelative, toSeconds } from './duration.ts';
import styles from './relative-time.module.css';

export interface RelativeTimeProps {
  /** ISO 8601. */
  at: string;
}

/** How long ago, or how long until; the moment itself on hover. Keeps itself current. */
export function RelativeTime({ at }: RelativeTimeProps) {
  const now = useNow();
  return (
    <time className={styles.time} dateTime={at} title={formatExact(at)}>
      {formatRelative(toSeconds(at), now)}
    </time>
  );
}
