import { EmptyState, Placeholder, RelativeTime } from '@aauth-stack/ui';
import { useQuery } from '@tanstack/react-query';
import { ArrowRight, Route } from 'lucide-react';
import { Link } from 'wouter';
import { useApi } from '../api/api.ts';
import type { Exchange, Flow, FlowSummary } from '../flow/model/flow.ts';
import { numbersOf } from '../flow/model/rows.ts';
import { flowQuery } from '../flow/tab/use-flow.ts';
import { scopesIn } from '../flow/words/answers.ts';
import { meaningIcons } from '../flow/words/icons.ts';
import { storyOf } from '../flow/words/story.ts';
import styles from './how-it-works.module.css';
import type { ModeGuide } from './modes.ts';

export interface ModeWalkProps {
  guide: ModeGuide;
  number: number;
  /** The last run of this mode, if there has been one. */
  run: FlowSummary | undefined;
  /** The mode to try after this one. */
  next: ModeGuide | undefined;
}

/** One mode: what it is for, what happened in the last run of it, and what to look at. */
export function ModeWalk({ guide, number, run, next }: ModeWalkProps) {
  return (
    <section className={styles.mode} aria-labelledby={`mode-${guide.kind}`}>
      <header className={styles.head}>
        <h2 id={`mode-${guide.kind}`}>
          {number}. {guide.title}
        </h2>
        <p className={styles.question}>{guide.question}</p>
      </header>
      <p className={styles.about}>{guide.about}</p>
      {run ? <LastRun guide={guide} run={run} /> : <NoRun guide={guide} />}
      {run && next && (
        <p className={styles.next}>
          Then: <code>scripts/start-infra.sh {next.mode}</code> and another run show “{next.title}”.
        </p>
      )}
    </section>
  );
}

function NoRun({ guide: { mode, title } }: { guide: ModeGuide }) {
  return (
    <EmptyState icon={Route} title={`You have no run of “${title}” yet`}>
      Start the demo with <code>scripts/start-infra.sh {mode}</code>, then <Link href="/">start a run</Link> and come
      back.
    </EmptyState>
  );
}

function LastRun({ guide, run }: { guide: ModeGuide; run: FlowSummary }) {
  const { data: flow } = useQuery(flowQuery(useApi(), run.request_id));
  const place = (exchange?: Exchange) => `/runs/${run.request_id}?tab=flow${exchange ? `&row=${exchange.id}` : ''}`;
  if (!flow) return <Placeholder label="Loading the run" />;
  const numbers = numbersOf(flow.exchanges);
  const looks = guide.looks.flatMap(({ words, find }) => {
    const exchange = find(flow);
    return exchange ? [{ words, exchange }] : [];
  });
  return (
    <>
      <p className={styles.run}>
        Your last run of it: <Link href={place()}>{run.prompt ?? 'a run'}</Link>, <RelativeTime at={run.started_at} />.
      </p>
      <ol className={styles.steps}>
        {mainOf(flow).map((exchange) => (
          <Step
            key={exchange.id}
            flow={flow}
            exchange={exchange}
            number={numbers.get(exchange.id) ?? ''}
            to={place(exchange)}
          />
        ))}
      </ol>
      {looks.length > 0 && (
        <div className={styles.looks}>
          <h3>Look at</h3>
          <ul>
            {looks.map(({ words, exchange }) => (
              <li key={words}>
                <Link href={place(exchange)} className={styles.look}>
                  {numbers.get(exchange.id)} <ArrowRight size={16} aria-hidden="true" />
                </Link>
                <span>{words}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function Step({ flow, exchange, number, to }: { flow: Flow; exchange: Exchange; number: string; to: string }) {
  const Icon = meaningIcons[exchange.meaning];
  const scopes = scopesIn(exchange);
  return (
    <li className={styles.step}>
      <Link href={to} className={styles.number} aria-label={`Exchange ${number} in the drawing`}>
        {number}
      </Link>
      <span className={styles[exchange.meaning]}>
        <Icon size={18} aria-hidden="true" />
      </span>
      <span>
        {storyOf(exchange, flow).what} {scopes.length > 0 && <code className={styles.scopes}>{scopes.join(' ')}</code>}
      </span>
    </li>
  );
}

function mainOf({ exchanges }: Flow): Exchange[] {
  return exchanges.filter(({ discovery, polling }) => !discovery && !polling);
}
