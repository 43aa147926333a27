import { ArrowLeft, X } from 'lucide-react';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { classes } from '../classes.ts';
import styles from './beside.module.css';

export interface BesideProps {
  /** Stands above the lists, and above the details on a narrow page. */
  header: ReactNode;
  /** The lists. */
  children: ReactNode;
  /** What was opened, if anything was. */
  details: DetailsProps | undefined;
}

export interface DetailsProps {
  /** Of the thing that is shown. */
  id: string;
  title: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

/** Lists, and beside them the details of what was opened in one. On a narrow page the details take the place of the lists. */
export function Beside({ header, children, details }: BesideProps) {
  return (
    <div className={classes(styles.beside, details && styles.withDetails)}>
      <div className={styles.above}>{header}</div>
      <div className={styles.lists}>{children}</div>
      {details && <Details key={details.id} {...details} />}
    </div>
  );
}

function Details({ title, onClose, children }: DetailsProps) {
  const panel = useRef<HTMLElement>(null);
  const titleId = useId();

  useEffect(() => {
    const opener = document.activeElement;
    // A page that was opened with these details starts at its top, like any other.
    if (!(opener instanceof HTMLElement) || opener === document.body) return;
    panel.current?.focus({ preventScroll: true });
    if (panel.current && panel.current.getBoundingClientRect().top < 0) panel.current.scrollIntoView();
    return () => {
      if (panel.current?.contains(document.activeElement) || document.activeElement === document.body) opener.focus();
    };
  }, []);

  return (
    <section
      ref={panel}
      className={styles.details}
      aria-labelledby={titleId}
      tabIndex={-1}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <header className={styles.header}>
        <button type="button" className={styles.back} onClick={onClose}>
          <ArrowLeft size={18} aria-hidden="true" /> Back to the list
        </button>
        <h2 className={styles.title} id={titleId}>
          {title}
        </h2>
        <button type="button" className={styles.close} aria-label="Close the details" onClick={onClose}>
          <X size={20} aria-hidden="true" />
        </button>
      </header>
      {children}
    </section>
  );
}
