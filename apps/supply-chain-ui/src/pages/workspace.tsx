import type { ReactNode } from 'react';
import { ActivityFeed } from '../activity/activity-feed.tsx';
import { SelectedActivity } from '../activity/selected-activity.tsx';
import styles from './workspace.module.css';

export interface WorkspaceProps {
  /** What is shown needs the whole width: the feed stands below it. */
  wide?: boolean;
  children: ReactNode;
}

/** What the agents do on the left, what the person does beside it. On a narrow page the feed comes last. */
export function Workspace({ wide = false, children }: WorkspaceProps) {
  return (
    <div className={wide ? styles.wide : styles.workspace}>
      <div className={styles.middle}>
        <SelectedActivity />
        {children}
      </div>
      <aside className={styles.aside} aria-label="What the agents do">
        <ActivityFeed />
      </aside>
    </div>
  );
}
