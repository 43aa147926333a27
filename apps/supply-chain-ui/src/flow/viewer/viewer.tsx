import { formatExact } from '@aauth-stack/ui';
import { useEffect, useState } from 'react';
import { FlowView } from '../flow-view.tsx';
import type { Flow } from '../model/flow.ts';
import styles from './viewer.module.css';

/** A saved run: the drawing that the demo's page shows, without the demo. */
export function Viewer({ flow }: { flow: Flow }) {
  const [selected, select] = useFragment(flow.failed_at ?? undefined);
  return (
    <main className={styles.viewer}>
      <header className={styles.header}>
        <h1 className={styles.title}>What happened on the wire</h1>
        <p className={styles.about}>
          {flow.prompt && <q>{flow.prompt}</q>} {flow.status}, {formatExact(flow.started_at)}, run {flow.request_id}
        </p>
        {flow.error && <p>{flow.error}</p>}
      </header>
      <FlowView flow={flow} selected={selected} onSelect={select} />
    </main>
  );
}

/** The exchange that the address of the file names: `#<id>`. */
function useFragment(first: string | undefined) {
  const read = () => location.hash.slice(1) || undefined;
  const [id, setId] = useState(read() ?? first);
  useEffect(() => {
    const follow = () => setId(read());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  });
  return [
    id,
    (next: string | undefined) => {
      setId(next);
      history.replaceState(null, '', next === undefined ? location.pathname : `#${next}`);
    },
  ] as const;
}
