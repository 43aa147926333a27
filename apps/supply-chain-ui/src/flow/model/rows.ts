import type { Exchange, ExchangeMeaning, Flow } from './flow.ts';

/** What is left out of the drawing. */
export interface Filter {
  readonly hidden: ReadonlySet<ExchangeMeaning>;
  readonly discovery: boolean;
  readonly polling: boolean;
}

export const everythingThatMatters: Filter = { hidden: new Set(), discovery: false, polling: false };

export interface ExchangeRow {
  readonly kind: 'exchange';
  readonly exchange: Exchange;
  readonly number: string;
  /** How many calls this one is inside of. */
  readonly depth: number;
}

/** A time in which nothing began. */
export interface GapRow {
  readonly kind: 'gap';
  /** The row that comes after it; `end` where there is none yet. */
  readonly before: string;
  /** Null while it lasts. */
  readonly seconds: number | null;
  /** Whether the person had been asked and had not decided. */
  readonly forPerson: boolean;
}

export type Row = ExchangeRow | GapRow;

const shortestGap = 1;
const deepest = 5;

/** The rows of the drawing, in time order. */
export function rowsOf(flow: Flow, filter: Filter): Row[] {
  const numbers = numbersOf(flow.exchanges);
  const byId = new Map(flow.exchanges.map((exchange) => [exchange.id, exchange]));
  const shown = flow.exchanges.filter((exchange) => isShown(exchange, filter));
  const rows = shown.flatMap((exchange, at): Row[] => {
    const previous = shown[at - 1];
    const row: Row = {
      kind: 'exchange',
      exchange,
      number: numbers.get(exchange.id) ?? '',
      depth: depthOf(exchange, byId),
    };
    const seconds = previous ? (Date.parse(exchange.started_at) - Date.parse(previous.started_at)) / 1000 : 0;
    if (seconds < shortestGap) return [row];
    return [{ kind: 'gap', before: exchange.id, seconds, forPerson: isPersonAsked(shown.slice(0, at)) }, row];
  });
  if (flow.ended_at === null && isPersonAsked(shown)) {
    rows.push({ kind: 'gap', before: 'end', seconds: null, forPerson: true });
  }
  return rows;
}

export function isShown({ meaning, discovery, polling }: Exchange, filter: Filter): boolean {
  if (discovery) return filter.discovery;
  if (polling) return filter.polling;
  return !filter.hidden.has(meaning);
}

/** A number for each exchange that matters; what was done on its way has that number with a letter. */
export function numbersOf(exchanges: readonly Exchange[]): Map<string, string> {
  const numbers = new Map<string, string>();
  let main = 0;
  let aside = 0;
  for (const { id, discovery, polling } of exchanges) {
    aside = discovery || polling ? aside + 1 : 0;
    if (aside === 0) main += 1;
    numbers.set(id, aside === 0 ? String(main) : `${main}${letters(aside)}`);
  }
  return numbers;
}

function letters(count: number): string {
  const letter = String.fromCharCode(97 + ((count - 1) % 26));
  return count > 26 ? letters(Math.floor((count - 1) / 26)) + letter : letter;
}

// The request that started the run is what everything else is inside of, and says nothing by it.
function depthOf(exchange: Exchange, byId: ReadonlyMap<string, Exchange>): number {
  let depth = -1;
  let above = exchange.parent === null ? undefined : byId.get(exchange.parent);
  while (above && depth < deepest) {
    depth += 1;
    above = above.parent === null ? undefined : byId.get(above.parent);
  }
  return Math.max(0, depth);
}

function isPersonAsked(before: readonly Exchange[]): boolean {
  const asked = before.filter(
    ({ requirement, status }) => status === 202 && requirement?.name === 'interaction',
  ).length;
  const decided = before.filter(({ from }) => from === 'person').length;
  return asked > decided;
}

/** Those who have something to do with what is shown, in the order of their lanes. */
export function lanesOf(flow: Flow, rows: readonly Row[]): string[] {
  const used = new Set(rows.flatMap((row) => (row.kind === 'exchange' ? [row.exchange.from, row.exchange.to] : [])));
  return flow.parties.map(({ id }) => id).filter((id) => used.has(id));
}
