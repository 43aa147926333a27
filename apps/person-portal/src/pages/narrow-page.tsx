import { ThemeSwitch } from '@aauth-stack/ui';
import type { ReactNode } from 'react';
import styles from './narrow-page.module.css';

export interface NarrowPageProps {
  /** Whose page this is: for whoever comes from another site to tell. */
  issuer: string;
  children: ReactNode;
}

/** One narrow column, for a page with one thing to do. */
export function NarrowPage({ issuer, children }: NarrowPageProps) {
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <div>
          <span className={styles.mark}>AAuth</span> <span>Person Server</span>
          <span className={styles.issuer}>{new URL(issuer).host}</span>
        </div>
        <ThemeSwitch />
      </header>
      <main className={styles.main}>{children}</main>
    </div>
  );
}
