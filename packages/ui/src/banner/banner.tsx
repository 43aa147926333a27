import { WifiOff } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './banner.module.css';

/** News about the page itself, below its header: that what it shows may be out of date. Empty, it takes no place. */
export function Banner({ children }: { children?: ReactNode }) {
  return (
    <div role="status">
      {children && (
        <p className={styles.banner}>
          <WifiOff size={16} aria-hidden="true" />
          <span>{children}</span>
        </p>
      )}
    </div>
  );
}
