import { formatDuration, Lifetime, RelativeTime, toSeconds, useNow } from '@aauth-stack/ui';
import type { ConsentRequest } from '../api/consent.ts';
import styles from './part.module.css';
import { Part } from './part.tsx';

/** Until when: what is granted, and the question itself. */
export function Until({ request }: { request: ConsentRequest }) {
  const now = useNow();
  return (
    <Part title="Until when">
      <p>
        What you grant now ends by itself after {formatDuration(toSeconds(request.grant_until) - now)}. You can take it
        back any time under Consents.
      </p>
      <div>
        <p className={styles.hint}>
          You can decide until this request expires, <RelativeTime at={request.expires_at} />.
        </p>
        <Lifetime from={request.created_at} until={request.expires_at} />
      </div>
    </Part>
  );
}
