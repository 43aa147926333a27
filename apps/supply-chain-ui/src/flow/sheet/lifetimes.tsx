import { formatDuration } from '@aauth-stack/ui';
import type { Token } from '../model/flow.ts';
import { tokenName } from '../words/tokens.ts';
import styles from './lifetimes.module.css';

export interface LifetimesProps {
  tokens: readonly Token[];
  /** When they were on the wire; seconds since the epoch. */
  at: number;
}

interface Span {
  key: string;
  name: string;
  from: number;
  until: number;
}

/** How long each token lives, on one scale: none outlives those that it was made of. */
export function Lifetimes({ tokens, at }: LifetimesProps) {
  const spans = tokens.flatMap(spanOf);
  if (spans.length === 0) return null;
  const from = Math.min(at, ...spans.map((span) => span.from));
  const until = Math.max(at, ...spans.map((span) => span.until));
  const place = (time: number) => `${((time - from) / Math.max(1, until - from)) * 100}%`;
  return (
    <div className={styles.lifetimes}>
      {spans.map((span) => (
        <div key={span.key} className={styles.row}>
          <span className={styles.name}>{span.name}</span>
          <span className={styles.scale} aria-hidden="true">
            <span
              className={styles.bar}
              style={{ left: place(span.from), right: `calc(100% - ${place(span.until)})` }}
            />
            <span className={styles.now} style={{ left: place(at) }} />
          </span>
          <span className={styles.words}>{wordsOf(span, at)}</span>
        </div>
      ))}
    </div>
  );
}

function spanOf(token: Token): Span[] {
  const { iat, exp, jti } = token.claims;
  if (typeof iat !== 'number' || typeof exp !== 'number') return [];
  return [
    { key: `${token.role} ${token.parameter} ${String(jti)}`, name: tokenName(token.type), from: iat, until: exp },
  ];
}

function wordsOf({ from, until }: Span, at: number): string {
  const whole = `lives ${formatDuration(until - from)}`;
  return until < at ? `${whole}, was over` : `${whole}, ${formatDuration(Math.max(0, until - at))} left here`;
}
