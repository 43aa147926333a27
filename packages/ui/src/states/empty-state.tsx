import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './states.module.css';

export interface EmptyStateProps {
  icon: LucideIcon;
  /** What there is none of. */
  title: string;
  /** When there will be, or how to get some. */
  children?: ReactNode;
}

/** Stands where a list would be that has nothing in it. */
export function EmptyState({ icon: Icon, title, children }: EmptyStateProps) {
  return (
    <div className={styles.empty}>
      <Icon size={24} strokeWidth={1.75} aria-hidden="true" />
      <div>
        <p className={styles.title}>{title}</p>
        {children && <p>{children}</p>}
      </div>
    </div>
  );
}
