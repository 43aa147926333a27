import { type ReactNode, useId } from 'react';
import { classes } from '../classes.ts';
import styles from './item-list.module.css';

export interface ItemListProps {
  /** What is in it. */
  label: string;
  /** The names are long, as sentences are. */
  sentences?: boolean;
  children: ReactNode;
}

/** Things below each other, one line each. */
export function ItemList({ label, sentences, children }: ItemListProps) {
  return (
    <ul className={classes(styles.list, sentences && styles.sentences)} aria-label={label}>
      {children}
    </ul>
  );
}

export interface ItemProps {
  /** Its name. Pressing it, or anywhere on the line, opens the details. */
  title: ReactNode;
  onOpen?: () => void;
  /** The details beside are this one's. */
  open?: boolean;
  /** In front of the name: a state. */
  state?: ReactNode;
  /** Behind or below the name, smaller. */
  children?: ReactNode;
  /** At the end of the line: when it was. */
  aside?: ReactNode;
  /** Buttons. */
  actions?: ReactNode;
  /** It came while the page was open. */
  arrived?: boolean;
  /** It is no longer what it was; the line is about to go. */
  gone?: boolean;
}

/** One line of an {@link ItemList}. */
export function Item({ title, onOpen, open = false, state, children, aside, actions, arrived, gone }: ItemProps) {
  const titleId = useId();
  return (
    <li
      className={classes(styles.item, open && styles.open, arrived && styles.arrived, gone && styles.gone)}
      aria-labelledby={titleId}
    >
      <div className={styles.main}>
        <div className={styles.head}>
          <h3 className={styles.title} id={titleId}>
            {onOpen ? (
              <button type="button" className={styles.opener} aria-expanded={open} onClick={onOpen}>
                {title}
              </button>
            ) : (
              title
            )}
          </h3>
          {state}
        </div>
        {children && <div className={styles.about}>{children}</div>}
      </div>
      {aside && <div className={styles.aside}>{aside}</div>}
      {actions && <div className={styles.actions}>{actions}</div>}
    </li>
  );
}
