import { type Figure, measure } from '../measure.ts';
import { formatNumber, formatTable } from '../table.ts';
import { signatureContestants } from './contestants.ts';
import { createParties } from './parties.ts';

/** What is to be reached: a figure, as a multiple of another. */
interface Goal {
  readonly of: string;
  readonly against: string;
  readonly atLeast: number;
  /** What it cannot do without. */
  readonly limit: string;
  /** How often it does that: a new token has a signature of its own. Default 1. */
  readonly signatures?: number;
}

const verification = { limit: 'node:crypto verify' };
const signing = { limit: 'node:crypto sign' };
const goals: readonly Goal[] = [
  { of: 'verify, known token', against: 'node:crypto verify', atLeast: 0.75, ...verification },
  { of: 'verify, new token', against: 'node:crypto verify', atLeast: 0.75, ...verification, signatures: 2 },
  { of: 'sign', against: 'node:crypto sign', atLeast: 0.75, ...signing },
  { of: 'verify, known token', against: 'httpsig verify, same token', atLeast: 3, ...verification },
  { of: 'verify, new token', against: 'httpsig verify, new token', atLeast: 1.5, ...verification, signatures: 2 },
  { of: 'sign', against: 'httpsig sign', atLeast: 3, ...signing },
];

const [only = ''] = process.argv.slice(2);
const contestants = await signatureContestants(await createParties());
const figures = await measure(contestants.filter(({ name }) => name.includes(only)));
const rows = figures.map(({ name, perSecond, bytes }) => [
  name,
  formatNumber(perSecond),
  (1e6 / perSecond).toFixed(1),
  formatNumber(bytes),
]);
const tables = [formatTable(['', 'per CPU second', 'µs each', 'bytes each'], rows)];
if (only === '') {
  tables.push(formatTable(['ours', 'against', 'ratio', 'goal', '', 'highest possible'], goals.map(formatGoal)));
}
process.stdout.write(`${tables.join('\n\n')}\n`);

function formatGoal({ of, against, atLeast, limit, signatures = 1 }: Goal): string[] {
  const isLimit = against === limit;
  const base = isLimit ? rate(limit) / signatures : rate(against);
  const peer = isLimit && signatures > 1 ? `half of ${against}` : against;
  const ratio = rate(of) / base;
  const best = rate(limit) / signatures / base;
  return [of, peer, ratio.toFixed(2), `≥ ${atLeast}`, ratio >= atLeast ? 'reached' : 'missed', best.toFixed(2)];
}

function rate(name: string): number {
  const figure: Figure | undefined = figures.find((one) => one.name === name);
  if (!figure) throw new Error(`Nothing called "${name}" was measured.`);
  return figure.perSecond;
}
