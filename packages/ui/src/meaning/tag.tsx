import type { ReactNode } from 'react';
import styles from './tag.module.css';

/** A short word beside something, without a meaning of its own: a scope, a count, a key's state. */
export function Tag({ children }: { children: ReactNode }) {
  return <span className={styles.tag}>{children}</span>;
}
