import { type ReactNode, useId } from 'react';
import styles from './part.module.css';

export interface PartProps {
  title: string;
  /** Beside the title. */
  aside?: ReactNode;
  children: ReactNode;
}

/** One of the questions that a consent screen answers. */
export function Part({ title, aside, children }: PartProps) {
  const titleId = useId();
  return (
    <section className={styles.part} aria-labelledby={titleId}>
      <h2 className={styles.title}>
        <span id={titleId}>{title}</span> {aside}
      </h2>
      {children}
    </section>
  );
}
