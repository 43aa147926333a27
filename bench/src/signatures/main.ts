import { type Figure, measure } from '../measure.ts';
import { formatNumber, formatTable } from '../table.ts';
import { signatureContestants } from './contestants.ts';
import { createParties } from './parties.ts';

/** What is to be reached: a figure, as a multiple of another. */
interface Goal {
  readonly name: string;
  readonly of: string;
  readonly against: string;
  readonly atLeast: number;
  /** `new token` verifies two signatures, so half of the raw rate is its limit. */
  readonly share?: number;
}

const goals: readonly Goal[] = [
  { name: 'verify, known token', of: 'verify, known token', against: 'node:crypto verify', atLeast: 0.75 },
  { name: 'verify, new token', of: 'verify, new token', against: 'node:crypto verify', atLeast: 0.75, share: 0.5 },
  { name: 'sign', of: 'sign', against: 'node:crypto sign', atLeast: 0.75 },
  { name: 'verify, known token', of: 'verify, known token', against: 'httpsig verify, same token', atLeast: 3 },
  { name: 'verify, new token', of: 'verify, new token', against: 'httpsig verify, new token', atLeast: 1.5 },
  { name: 'sign', of: 'sign', against: 'httpsig sign', atLeast: 3 },
];

const figures = await measure(await signatureContestants(await createParties()));
const rows = figures.map(({ name, perSecond, bytes }) => [
  name,
  formatNumber(perSecond),
  (1e6 / perSecond).toFixed(1),
  formatNumber(bytes),
]);
const raw = formatTable(['', 'per CPU second', 'µs each', 'bytes each'], rows);
const ratios = formatTable(['ours', 'against', 'ratio', 'goal', ''], goals.map(formatGoal));
process.stdout.write(`${raw}\n\n${ratios}\n`);

function formatGoal({ name, of, against, atLeast, share = 1 }: Goal): string[] {
  const ratio = rate(of) / (rate(against) * share);
  const limit = share === 1 ? against : `half of ${against}`;
  return [name, limit, ratio.toFixed(2), `≥ ${atLeast}`, ratio >= atLeast ? 'reached' : 'missed'];
}

function rate(name: string): number {
  const figure: Figure | undefined = figures.find((one) => one.name === name);
  if (!figure) throw new Error(`Nothing called "${name}" was measured.`);
  return figure.perSecond;
}
