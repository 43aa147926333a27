import { Button, ButtonLink, formatDuration, toSeconds, useAnnounce, useNow } from '@aauth-stack/ui';
import { ExternalLink, SquareArrowOutUpRight } from 'lucide-react';
import { useEffect } from 'react';
import styles from './consent-card.module.css';
import { type ConsentWindowState, useConsentWindow } from './consent-window.ts';

export interface ConsentCardProps {
  requestId: string;
  /** The Person Server's page. */
  url: string;
  code: string;
  /** Until when the request can be decided on: ISO 8601. */
  until: string | null;
}

/** Tells the person that the run waits for them, and takes them to where they decide. */
export function ConsentCard({ requestId, url, code, until }: ConsentCardProps) {
  const { state, open } = useConsentWindow(requestId, code, url);
  const announce = useAnnounce();
  const { host } = new URL(url);

  useEffect(() => announce('The agents need your decision.'), [announce]);

  return (
    <section className={styles.card} aria-labelledby={`consent-${requestId}`}>
      <header className={styles.header}>
        <h2 id={`consent-${requestId}`}>The agents need your decision</h2>
      </header>
      <div className={styles.columns}>
        <div className={styles.words}>
          <p>
            Your Person Server at <code>{host}</code> asks you whether the agents may go on in your name. Nothing
            happens until you have decided there.
          </p>
          <p aria-live="polite" className={state === 'none' ? styles.hint : styles.state}>
            <WindowState state={state} />
          </p>
        </div>
        <div className={styles.compare}>
          <p className={styles.label} id={`code-${requestId}`}>
            Compare this code
          </p>
          <output className={styles.code} aria-labelledby={`code-${requestId}`}>
            {code}
          </output>
          <p className={styles.label}>with the one that page shows.</p>
        </div>
      </div>
      <footer className={styles.actions}>
        {state === 'blocked' ? (
          <ButtonLink look="primary" size="large" icon={ExternalLink} href={url} target="_blank" rel="opener">
            Decide in a new tab
          </ButtonLink>
        ) : (
          <Button
            look={state === 'open' || state === 'returned' ? 'plain' : 'primary'}
            size="large"
            icon={SquareArrowOutUpRight}
            onClick={open}
          >
            {label[state]}
          </Button>
        )}
        {state !== 'blocked' && (
          <a className={styles.link} href={url} target="_blank" rel="noopener opener">
            Open in a tab instead
          </a>
        )}
        {until && <Until moment={until} />}
      </footer>
    </section>
  );
}

const label: Readonly<Record<Exclude<ConsentWindowState, 'blocked'>, string>> = {
  none: 'Review and decide',
  open: 'Show the window',
  closed: 'Open it again',
  returned: 'Open it again',
};

function WindowState({ state }: { state: ConsentWindowState }) {
  switch (state) {
    case 'none':
      return 'It asks in a window of its own. This page goes on by itself afterwards.';
    case 'open':
      return 'Decide in the window that has opened. This page goes on by itself.';
    case 'closed':
      return 'You closed the window before you decided. The agents still wait.';
    case 'blocked':
      return 'Your browser let no window open. The link below leads to the same page; come back here afterwards.';
    case 'returned':
      return 'You have decided. The agents are being told …';
  }
}

function Until({ moment }: { moment: string }) {
  const left = toSeconds(moment) - useNow();
  return <p className={styles.until}>{left > 0 ? `${formatDuration(left)} left to decide` : 'The time is up'}</p>;
}
