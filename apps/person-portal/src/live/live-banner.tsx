import { WifiOff } from 'lucide-react';
import styles from './live-banner.module.css';
import { useLiveState } from './live-updates.tsx';

/** Says that what is on the page may be out of date. */
export function LiveBanner() {
  const state = useLiveState();
  return (
    <div role="status">
      {state === 'offline' && (
        <p className={styles.banner}>
          <WifiOff size={16} aria-hidden="true" />
          <span>
            The Person Server is not answering at <code>{location.host}</code>. This page shows what it last knew, and
            goes on trying. Start the stack with <code>scripts/start-infra.sh</code>.
          </span>
        </p>
      )}
    </div>
  );
}
