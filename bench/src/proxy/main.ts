import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { formatNumber, formatTable } from '../table.ts';
import { type Child, startChild } from './child.ts';
import { load } from './load.ts';
import { startResourceProxy } from './resource-proxy.ts';
import { startAgent, startService } from './servers.ts';

interface Contestant {
  readonly name: string;
  readonly child: Child;
  readonly origin: string;
  headers(path: string): Promise<Record<string, string>>;
}

interface Case {
  readonly name: string;
  readonly path: string;
  readonly requests: number;
  readonly connections: number;
}

const rounds = 5;
const cases: readonly Case[] = [
  { name: '1 kB, 1 connection', path: '/small', requests: 800, connections: 1 },
  { name: '1 kB, 32 connections', path: '/small', requests: 2000, connections: 32 },
  { name: '1 MiB, 1 connection', path: '/large', requests: 60, connections: 1 },
  { name: '1 MiB, 32 connections', path: '/large', requests: 100, connections: 32 },
];

await using started = new AsyncDisposableStack();
const service = await startService();
started.defer(service.close);
const agent = await startAgent();
started.defer(agent.close);
const bare = startChild(fileURLToPath(new URL('bare.ts', import.meta.url)), [`http://127.0.0.1:${service.port}`]);
started.defer(bare.stop);
const proxy = await startResourceProxy(service.port, agent.issuer);
started.defer(proxy.stop);

const origin = `http://127.0.0.1:${proxy.port}`;
const hosts = { open: `open.localhost:${proxy.port}`, signed: `signed.localhost:${proxy.port}` };
const contestants: readonly Contestant[] = [
  {
    name: 'node:http + undici',
    child: bare,
    origin: `http://127.0.0.1:${await bare.line()}`,
    headers: async () => ({}),
  },
  { name: 'proxy, AAuth off', child: proxy.child, origin, headers: async () => ({ host: hosts.open }) },
  {
    name: 'proxy, AAuth on',
    child: proxy.child,
    origin,
    headers: async (path) => ({ host: hosts.signed, ...(await agent.sign(hosts.signed, path)) }),
  },
];

for (const one of contestants) await untilItAnswers(one);
const rows: string[][] = [];
for (const each of cases) rows.push(...(await compare(each)));
process.stdout.write(`${formatTable(['', 'proxy', 'CPU µs each', 'p50 ms', 'p99 ms'], rows)}\n`);

/** In turns, so that a machine that slows down or speeds up does so for all of them; the first turn warms up. */
async function compare({ name, path, requests, connections }: Case): Promise<string[][]> {
  const results = contestants.map((one) => ({ one, cpuMs: 0, durations: [] as number[] }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const result of results) {
      const { child, origin, headers } = result.one;
      const before = child.cpuMs();
      const durations = await load({ origin, path, headers: await headers(path) }, requests, connections);
      if (round === 0) continue;
      result.cpuMs += child.cpuMs() - before;
      result.durations.push(...durations);
    }
  }
  return results.map(({ one, cpuMs, durations }) => {
    const sorted = durations.toSorted((a, b) => a - b);
    const percentile = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(2);
    return [name, one.name, formatNumber((cpuMs * 1000) / durations.length), percentile(0.5), percentile(0.99)];
  });
}

async function untilItAnswers({ origin, headers }: Contestant): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await load({ origin, path: '/small', headers: await headers('/small') }, 1, 1);
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await wait(200);
    }
  }
}
