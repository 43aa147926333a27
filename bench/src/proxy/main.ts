import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { formatNumber, formatTable } from '../table.ts';
import { type Child, startChild } from './child.ts';
import { readEventStreams } from './event-streams.ts';
import { type Load, load, type Target } from './load.ts';
import { startNginx } from './nginx.ts';
import { type RunningProxy, startResourceProxy } from './resource-proxy.ts';
import { startAgent, startService, upload } from './servers.ts';

interface Contestant {
  readonly name: string;
  readonly child: Child;
  readonly port: number;
  /** Before each path. */
  readonly prefix?: string;
  headers(path: string, body?: Uint8Array): Promise<Record<string, string>>;
}

interface Case {
  readonly name: string;
  readonly rounds: number;
  run(one: Contestant): Promise<Load>;
}

const [only = ''] = process.argv.slice(2);
const cases: readonly Case[] = [
  ...[1, 32, 256].map((connections) => gets('1 kB', '/small', Math.min(800 + 50 * connections, 4000), connections)),
  ...[1, 32, 256].map((connections) => gets('1 MiB', '/large', Math.max(60, connections), connections)),
  ...[1, 32].map((connections) => uploads(100, connections)),
  ...[32, 256].map(eventStreams),
].filter(({ name }) => name.includes(only));

await using started = new AsyncDisposableStack();
const service = await startService();
started.defer(service.close);
const agent = await startAgent();
started.defer(agent.close);
const bare = startChild([fileURLToPath(new URL('bare.ts', import.meta.url)), `http://127.0.0.1:${service.port}`]);
started.defer(bare.stop);
const barePort = Number(await bare.line());
const nginx = await startNginx(service.port);
if (nginx) started.defer(nginx.stop);
else process.stderr.write('nginx is missing, and is not to be had from apt-get: no floor.\n');
const proxy = await startResourceProxy(service.port, agent.issuer);
started.defer(proxy.stop);
const shipped = await startResourceProxy(service.port, agent.issuer, { asShipped: true });
started.defer(shipped.stop);

const unsigned = async (host: string) => ({ host });
const contestants: readonly Contestant[] = [
  ...(nginx ? [{ name: 'nginx', ...nginx, headers: () => unsigned('localhost') }] : []),
  { name: 'node:http + undici', child: bare, port: barePort, headers: () => unsigned('localhost') },
  {
    name: '… and one verification',
    child: bare,
    port: barePort,
    prefix: '/verified',
    headers: () => unsigned('localhost'),
  },
  { name: 'proxy, AAuth off', ...proxy, headers: () => unsigned(`open.localhost:${proxy.port}`) },
  signedBy('proxy, AAuth on', proxy),
  signedBy('… with traces and logs', shipped),
];

for (const one of contestants) await untilItAnswers(one);
const rows: string[][] = [];
for (const each of cases) rows.push(...(await compare(each)));
process.stdout.write(`${formatTable(['', 'proxy', 'CPU µs each', 'per second', 'p50 ms', 'p99 ms'], rows)}\n`);

function gets(what: string, path: string, requests: number, connections: number): Case {
  return {
    name: `${what}, ${many(connections, 'connection')}`,
    rounds: path === '/small' ? 5 : 3,
    async run(one) {
      const target = await targetOf(one, path);
      return load(() => target, requests, connections);
    },
  };
}

/** Each is signed on its own, before the clock starts: a body that is signed is accepted once. */
function uploads(requests: number, connections: number): Case {
  return {
    name: `1 MiB sent, ${many(connections, 'connection')}`,
    rounds: 3,
    async run(one) {
      const targets: Target[] = [];
      // One more a connection: that many ask for their port.
      while (targets.length < requests + connections) targets.push(await targetOf(one, '/upload', upload));
      let at = 0;
      return load(() => targets[at++] ?? raise(), requests, connections);
    },
  };
}

function eventStreams(streams: number): Case {
  return {
    name: `an event of ${streams} streams`,
    rounds: 2,
    run: async (one) => readEventStreams(await targetOf(one, '/events'), streams),
  };
}

function signedBy(name: string, { port, child }: RunningProxy): Contestant {
  const host = `signed.localhost:${port}`;
  return { name, port, child, headers: async (path, body) => ({ host, ...(await agent.sign(host, path, body)) }) };
}

async function targetOf({ port, prefix = '', headers }: Contestant, path: string, body?: Uint8Array): Promise<Target> {
  return {
    port,
    method: body ? 'POST' : 'GET',
    path: `${prefix}${path}`,
    headers: await headers(path, body),
    ...(body && { body }),
  };
}

/** In turns, so that a machine that slows down or speeds up does so for all of them; the first turn warms up. */
async function compare({ name, rounds, run }: Case): Promise<string[][]> {
  const results = contestants.map((one) => ({ one, cpuMs: 0, elapsed: 0, durations: [] as number[] }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const result of results) {
      const before = result.one.child.cpuMs();
      const { durations, elapsed } = await run(result.one);
      if (round === 0) continue;
      result.cpuMs += result.one.child.cpuMs() - before;
      result.elapsed += elapsed;
      result.durations.push(...durations);
    }
  }
  return results.map(({ one, cpuMs, elapsed, durations }) => {
    const sorted = durations.toSorted((a, b) => a - b);
    const percentile = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(2);
    const each = formatNumber((cpuMs * 1000) / durations.length);
    const rate = formatNumber((durations.length * 1000) / elapsed);
    return [name, one.name, each, rate, percentile(0.5), percentile(0.99)];
  });
}

async function untilItAnswers(one: Contestant): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const target = await targetOf(one, '/small');
      await load(() => target, 1, 1);
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await wait(200);
    }
  }
}

function many(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}

function raise(): never {
  throw new RangeError('There is nothing left to send.');
}
