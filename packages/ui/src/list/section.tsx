import { type ReactNode, useId } from 'react';
import styles from './section.module.css';
import type { CalmList } from './use-calm-list.ts';

export interface SectionProps {
  title: string;
  /** How many there are. */
  count?: number;
  /** One sentence on what stands here. */
  about?: ReactNode;
  /** At the end of the title's line; the line is as high without it. */
  actions?: ReactNode;
  /** Of a calm list that stands here. */
  hold?: CalmList<unknown>['hold'];
  children: ReactNode;
}

/** A titled part of a page. */
export function Section({ title, count, about, actions, hold, children }: SectionProps) {
  const titleId = useId();
  return (
    <section {...hold} className={styles.section} aria-labelledby={titleId}>
      <header className={styles.header}>
        <h2 id={titleId}>
          {title} {count !== undefined && <span className={styles.count}>{count}</span>}
        </h2>
        {actions}
      </header>
      {about && <p className={styles.about}>{about}</p>}
      {children}
    </section>
  );
}
