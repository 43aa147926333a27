import { getHeapStatistics } from 'node:v8';

/** A piece of work to be timed. Calls that need an input of their own each take it from their number. */
export interface Contestant {
  readonly name: string;
  run(call: number): unknown;
}

export interface Figure {
  readonly name: string;
  /** Calls that one second of CPU time is enough for: the median of all rounds. */
  readonly perSecond: number;
  /** Bytes of heap that one call takes, whether or not they have been collected since. */
  readonly bytes: number;
}

const rounds = 61;
const roundMs = 25;
const warmUpMs = 600;

/**
 * Times contestants in one process, in many short turns, so that a machine that slows down or speeds up does so for all of them. What
 * counts is the CPU time of the process, its other threads included: how busy the machine is with other things does not.
 */
export async function measure(contestants: readonly Contestant[]): Promise<Figure[]> {
  const prepared: Prepared[] = [];
  for (const contestant of contestants) prepared.push(await warmUp(contestant));
  for (let round = 0; round < rounds; round += 1) {
    for (const one of prepared) one.rates.push(await timeRound(one));
  }
  const figures: Figure[] = [];
  for (const { contestant, rates, counter } of prepared) {
    figures.push({ name: contestant.name, perSecond: median(rates), bytes: await allocation(contestant, counter) });
  }
  return figures;
}

interface Prepared {
  readonly contestant: Contestant;
  readonly rates: number[];
  /** Calls of one round. */
  readonly calls: number;
  readonly counter: { next: number };
}

/** Until the compiler has done what it does, and it is known how much work a round is. */
async function warmUp(contestant: Contestant): Promise<Prepared> {
  const counter = { next: 0 };
  const started = cpuMs();
  while (cpuMs() - started < warmUpMs) await contestant.run(counter.next++);
  const calls = Math.max(5, Math.round((counter.next * roundMs) / warmUpMs));
  return { contestant, counter, rates: [], calls };
}

async function timeRound({ contestant, calls, counter }: Prepared): Promise<number> {
  const started = cpuMs();
  for (let call = 0; call < calls; call += 1) {
    const outcome = contestant.run(counter.next++);
    // What is synchronous is not charged for a promise that it has not made.
    if (outcome instanceof Promise) await outcome;
  }
  return (calls / (cpuMs() - started)) * 1000;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function allocation(contestant: Contestant, counter: { next: number }): Promise<number> {
  const calls = 1000;
  const before = getHeapStatistics().total_allocated_bytes;
  for (let call = 0; call < calls; call += 1) await contestant.run(counter.next++);
  return (getHeapStatistics().total_allocated_bytes - before) / calls;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new RangeError('There is no median of nothing.');
  return middle;
}
