import { Bot, Server } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { classes } from '../classes.ts';
import styles from './quoted.module.css';

export interface QuotedProps {
  /** Whose words these are. They look unlike ours, and unlike each other's. */
  by: 'agent' | 'resource';
  /** In place of "The agent says": "Backend App answers". */
  heading?: ReactNode;
  children: ReactNode;
}

const speakers = {
  agent: { icon: Bot, heading: 'The agent says' },
  resource: { icon: Server, heading: 'The resource says' },
} as const;

/** Words of another party, set apart and attributed. */
export function Quoted({ by, heading, children }: QuotedProps) {
  const headingId = useId();
  const { icon: Icon, heading: usual } = speakers[by];
  return (
    <figure className={classes(styles.quoted, styles[by])} aria-labelledby={headingId}>
      <figcaption className={styles.heading} id={headingId}>
        <Icon size={14} aria-hidden="true" /> {heading ?? usual}
      </figcaption>
      <blockquote className={styles.words}>{children}</blockquote>
    </figure>
  );
}
