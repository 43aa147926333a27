import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './states.module.css';

export interface ErrorStateProps {
  /** What did not work. */
  title: string;
  /** Why, and the way on. */
  children: ReactNode;
  /** Whoever is asked for help can look it up. */
  code?: string;
  action?: ReactNode;
}

/** Says what went wrong, why, and what to do; the code last, small and selectable. */
export function ErrorState({ title, children, code, action }: ErrorStateProps) {
  return (
    <div className={styles.error} role="alert">
      <CircleAlert size={20} aria-hidden="true" />
      <div className={styles.words}>
        <p className={styles.title}>{title}</p>
        <div>{children}</div>
        {code && <code className={styles.code}>{code}</code>}
      </div>
      {action && <div className={styles.action}>{action}</div>}
    </div>
  );
}
