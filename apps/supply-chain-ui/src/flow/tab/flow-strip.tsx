import { classes } from '@aauth-stack/ui';
import { Link } from 'wouter';
import type { Exchange } from '../model/flow.ts';
import { numbersOf } from '../model/rows.ts';
import { answerWords, meaningWords } from '../words/answers.ts';
import { meaningIcons } from '../words/icons.ts';
import { partyName } from '../words/parties.ts';
import styles from './flow-strip.module.css';
import { useFlow } from './use-flow.ts';

export interface FlowStripProps {
  requestId: string;
  live: boolean;
}

/** The exchanges of a run as a strip of marks, each of which leads to its place in the drawing. */
export function FlowStrip({ requestId, live }: FlowStripProps) {
  const { data: flow } = useFlow(requestId, live);
  const main = flow?.exchanges.filter(({ discovery, polling }) => !discovery && !polling) ?? [];
  if (!flow || main.length === 0) return null;
  const numbers = numbersOf(flow.exchanges);
  const to = `/runs/${requestId}?tab=flow`;
  return (
    <nav className={styles.strip} aria-label="What happened on the wire">
      <Link href={to} className={styles.title}>
        What happened on the wire
      </Link>
      <ol className={styles.marks}>
        {main.map((exchange) => (
          <li key={exchange.id}>
            <Mark exchange={exchange} number={numbers.get(exchange.id) ?? ''} to={`${to}&row=${exchange.id}`} />
          </li>
        ))}
      </ol>
    </nav>
  );
}

function Mark({ exchange, number, to }: { exchange: Exchange; number: string; to: string }) {
  const { meaning, from, to: receiver, ended_at } = exchange;
  const Icon = meaningIcons[meaning];
  const words = `${number} ${partyName(from)} to ${partyName(receiver)}: ${answerWords(exchange)} (${meaningWords[meaning].name})`;
  return (
    <Link
      href={to}
      className={classes(styles.mark, styles[meaning], ended_at === null && styles.open)}
      aria-label={words}
      title={words}
    >
      <Icon size={14} strokeWidth={2.25} aria-hidden="true" />
    </Link>
  );
}
