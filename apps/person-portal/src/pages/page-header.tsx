import type { ReactNode } from 'react';
import styles from './page-header.module.css';
import { usePageTitle } from './page-title.ts';

export interface PageHeaderProps {
  title: string;
  /** One sentence on what this page is for. */
  about: ReactNode;
  /** How many things wait here. */
  waiting?: number;
}

export function PageHeader({ title, about, waiting }: PageHeaderProps) {
  usePageTitle(title, waiting);
  return (
    <header className={styles.header}>
      <h1>{title}</h1>
      <p className={styles.about}>{about}</p>
    </header>
  );
}
