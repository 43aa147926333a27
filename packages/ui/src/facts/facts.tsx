import type { ReactNode } from 'react';
import styles from './facts.module.css';

/** Names and values of one thing, below each other. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className={styles.facts}>{children}</dl>;
}

export interface FactProps {
  name: ReactNode;
  children: ReactNode;
}

/** One line of {@link Facts}. */
export function Fact({ name, children }: FactProps) {
  return (
    <div className={styles.fact}>
      <dt className={styles.name}>{name}</dt>
      <dd className={styles.value}>{children}</dd>
    </div>
  );
}
