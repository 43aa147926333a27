import { VisuallyHidden } from '../text/visually-hidden.tsx';
import styles from './states.module.css';

export interface PlaceholderProps {
  /** What is being fetched: "Loading agents". */
  label: string;
  /** How many lines the list is likely to have. */
  lines?: number;
}

/** Holds the place of a list while it is on its way. */
export function Placeholder({ label, lines = 3 }: PlaceholderProps) {
  return (
    <div className={styles.placeholder} role="status">
      <VisuallyHidden>{label}</VisuallyHidden>
      {Array.from({ length: lines }, (_, line) => (
        <span key={`line-${line.toString()}`} className={styles.line} aria-hidden="true" />
      ))}
    </div>
  );
}
