import { classes, formatDuration, VisuallyHidden } from '@aauth-stack/ui';
import { Hourglass } from 'lucide-react';
import { type CSSProperties, type KeyboardEvent, useEffect, useRef } from 'react';
import type { Exchange, Flow } from '../model/flow.ts';
import { type ExchangeRow, type GapRow, lanesOf, type Row } from '../model/rows.ts';
import { answerWords, carriedWords, meaningWords, scopesIn } from '../words/answers.ts';
import { meaningIcons } from '../words/icons.ts';
import { partyName, partyRole } from '../words/parties.ts';
import styles from './drawing.module.css';

export interface DrawingProps {
  flow: Flow;
  rows: readonly Row[];
  /** The exchange whose sheet is open. */
  selected: string | undefined;
  onSelect: (id: string | undefined) => void;
}

/**
 * The exchanges in the order in which they began: as arrows between lanes where there is room, as a list where there is not. To a screen
 * reader it is a list in both cases.
 */
export function Drawing({ flow, rows, selected, onSelect }: DrawingProps) {
  const list = useRef<HTMLOListElement>(null);
  const lanes = lanesOf(flow, rows);
  const ids = rows.flatMap((row) => (row.kind === 'exchange' ? [row.exchange.id] : []));
  const tabStop = selected !== undefined && ids.includes(selected) ? selected : ids[0];

  function go(event: KeyboardEvent) {
    if (event.key === 'Escape' && selected !== undefined) {
      onSelect(undefined);
      return;
    }
    const at = ids.indexOf(idOf(document.activeElement) ?? '');
    const next = ids[nextIndex(event.key, at, ids.length)];
    if (at === -1 || next === undefined) return;
    event.preventDefault();
    list.current?.querySelector<HTMLElement>(`[data-exchange="${next}"]`)?.focus();
    // With the sheet open the arrows leaf through it.
    if (selected !== undefined) onSelect(next);
  }

  return (
    <div className={styles.drawing} style={laneCount(lanes.length)}>
      <div className={styles.heads} aria-hidden="true">
        {lanes.map((lane) => (
          <span key={lane} className={styles.head} title={partyRole(lane)}>
            {partyName(lane)}
          </span>
        ))}
      </div>
      <ol ref={list} className={styles.rows} onKeyDown={go} aria-label="Exchanges, in the order in which they began">
        {rows.map((row) =>
          row.kind === 'gap' ? (
            <Gap key={`gap ${row.before}`} row={row} />
          ) : (
            <ExchangeItem
              key={row.exchange.id}
              row={row}
              lanes={lanes}
              isSelected={row.exchange.id === selected}
              isTabStop={row.exchange.id === tabStop}
              isFailure={row.exchange.id === flow.failed_at}
              onSelect={onSelect}
            />
          ),
        )}
      </ol>
    </div>
  );
}

const laneCount = (lanes: number): CSSProperties & Record<'--lanes', number> => ({ '--lanes': Math.max(1, lanes) });

function idOf(element: Element | null): string | undefined {
  return element instanceof HTMLElement ? element.dataset.exchange : undefined;
}

function nextIndex(key: string, at: number, count: number): number {
  if (key === 'ArrowDown') return Math.min(at + 1, count - 1);
  if (key === 'ArrowUp') return Math.max(at - 1, 0);
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : -1;
}

function Gap({ row: { seconds, forPerson } }: { row: GapRow }) {
  const words = forPerson ? 'waiting for the person' : 'without a new request';
  const time = seconds === null ? 'Now' : formatDuration(seconds);
  return (
    <li className={styles.gap}>
      <span className={styles.gapWords}>
        <Hourglass size={14} aria-hidden="true" /> {time}, {words}
      </span>
    </li>
  );
}

interface ItemProps {
  row: ExchangeRow;
  lanes: readonly string[];
  isSelected: boolean;
  isTabStop: boolean;
  /** The run failed here. */
  isFailure: boolean;
  onSelect: (id: string | undefined) => void;
}

function ExchangeItem({ row, lanes, isSelected, isTabStop, isFailure, onSelect }: ItemProps) {
  const { exchange, number, depth } = row;
  const { id, from, to, meaning, ended_at } = exchange;
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (isSelected) button.current?.scrollIntoView({ block: 'nearest' });
  }, [isSelected]);

  return (
    <li className={styles.item}>
      <button
        ref={button}
        type="button"
        className={classes(styles.row, styles[meaning], ended_at === null && styles.open, isFailure && styles.failure)}
        aria-pressed={isSelected}
        tabIndex={isTabStop ? 0 : -1}
        data-exchange={id}
        onClick={() => onSelect(isSelected ? undefined : id)}
      >
        <span className={styles.gutter}>
          <span className={styles.number}>{number}</span>
          {levelsOf(depth).map((level) => (
            <span key={level} className={styles.level} />
          ))}
        </span>
        <span className={styles.track}>
          <Arrow from={lanes.indexOf(from)} to={lanes.indexOf(to)} count={lanes.length} />
          <span className={styles.who}>
            {partyName(from)} <span aria-hidden="true">→</span>
            <VisuallyHidden> to </VisuallyHidden> {partyName(to)}
          </span>
          <Words exchange={exchange} place={placeOf(lanes.indexOf(from), lanes.indexOf(to), lanes.length)} />
        </span>
      </button>
    </li>
  );
}

interface Place {
  side: 'start' | 'end';
  style: CSSProperties;
}

function Words({ exchange, place: { side, style } }: { exchange: Exchange; place: Place }) {
  const { meaning, method, url, call } = exchange;
  const Icon = meaningIcons[meaning];
  const carried = carriedWords(exchange);
  const scopes = scopesIn(exchange);
  return (
    <span className={classes(styles.words, side === 'end' && styles.atEnd)} style={style}>
      <span className={styles.request}>
        <span className={styles.call}>
          {method} {shortPath(url)} {call && <span className={styles.rpc}>{call}</span>}
        </span>
        {carried && <span className={styles.carried}>{carried}</span>}
      </span>
      <span className={styles.answer}>
        <Icon size={14} strokeWidth={2.25} aria-hidden="true" />
        <VisuallyHidden>{meaningWords[meaning].name}: </VisuallyHidden>
        <span>{answerWords(exchange)}</span>
        {scopes.length > 0 && <code className={styles.scopes}>{scopes.join(' ')}</code>}
      </span>
    </span>
  );
}

/** A line from lane to lane, or a loop at one. */
function Arrow({ from, to, count }: { from: number; to: number; count: number }) {
  const left = Math.min(from, to);
  const width = Math.abs(to - from);
  if (width === 0) return <span className={styles.loop} style={{ left: percent(from + 0.5, count) }} />;
  return (
    <span
      className={classes(styles.arrow, to < from && styles.leftwards)}
      style={{ left: percent(left + 0.5, count), width: percent(width, count) }}
    />
  );
}

/** Beside the sender's lane, towards the receiver; where there is too little room for that, along the edge of the drawing. */
function placeOf(from: number, to: number, count: number): Place {
  const goesRight = to === from ? from < count / 2 : to > from;
  const room = (goesRight ? count - from - 0.5 : from + 0.5) / count;
  const isTight = room < leastRoom;
  const beside = (lanes: number) => `calc(${percent(lanes + 0.5, count)} + 10px)`;
  const edge = '4px';
  return goesRight !== isTight
    ? { side: 'start', style: { left: isTight ? edge : beside(from), right: edge } }
    : { side: 'end', style: { left: edge, right: isTight ? edge : beside(count - from - 1) } };
}

/** Of the width of the drawing. */
const leastRoom = 0.4;

const levelsOf = (depth: number) => Array.from({ length: depth }, (_, level) => level);

const percent = (part: number, whole: number) => `${(part / whole) * 100}%`;

const longestPath = 36;

function shortPath(url: string): string {
  const { pathname } = new URL(url);
  const path = pathname.replace('/.well-known/', '…/').replace(/[\w-]{20,}/g, (id) => `${id.slice(0, 4)}…`);
  return path.length > longestPath ? `${path.slice(0, longestPath)}…` : path;
}
