import type { Case, Contestant } from './compare.ts';
import { readEventStreams } from './event-streams.ts';
import { loadChecks } from './ext-authz.ts';
import { type Load, load, type Target } from './load.ts';
import { upload } from './servers.ts';

/** Something that passes requests on. */
export interface HttpProxy extends Contestant {
  readonly port: number;
  /** Before each path. */
  readonly prefix?: string;
  headers(path: string, body?: Uint8Array): Promise<Record<string, string>>;
}

/** A way of having a number of requests looked at, so many at a time. */
export interface Door extends Contestant {
  ask(requests: number, underWay: number): Promise<Load>;
}

const connections = [1, 32, 256];
const enough = (underWay: number) => Math.min(600 + 25 * underWay, 2000);

export const proxyCases: readonly Case<HttpProxy>[] = [
  ...connections.map((count) => gets('1 kB', '/small', enough(count), count, 3)),
  ...connections.map((count) => gets('1 MiB', '/large', Math.max(60, count), count, 3)),
  ...[1, 32].map((count) => uploads(100, count)),
  ...[32, 256].map(eventStreams),
];

export const doorCases: readonly Case<Door>[] = connections.map((count) => ({
  name: `check, ${count} under way`,
  rounds: 5,
  run: ({ ask }) => ask(enough(count), count),
}));

export const workerCases: readonly Case<HttpProxy>[] = [32, 256].map((count) =>
  gets('workers, 1 kB', '/small', enough(count), count, 3),
);

function gets(what: string, path: string, requests: number, count: number, rounds: number): Case<HttpProxy> {
  return { name: `${what}, ${many(count, 'connection')}`, rounds, run: (one) => get(one, path, requests, count) };
}

/** Repeats one GET. */
export function get(one: HttpProxy, path: string, requests: number, count: number): Promise<Load> {
  return renewed(one, path, (target) => load(target, requests, count));
}

/** The same signed request, told of to ext_authz. */
export function check(one: HttpProxy, port: number, checks: number, underWay: number): Promise<Load> {
  const path = '/small';
  return renewed(one, path, (target) => {
    const request = () => {
      const { host = '', ...headers } = target().headers;
      return { host, path, headers };
    };
    return loadChecks(port, request, checks, underWay);
  });
}

/** Signs what is repeated again, before it is too old on a machine that is busy with other things. */
async function renewed(one: HttpProxy, path: string, run: (target: () => Target) => Promise<Load>): Promise<Load> {
  let target = await targetOf(one, path);
  const renewal = setInterval(async () => {
    target = await targetOf(one, path);
  }, 5_000);
  try {
    return await run(() => target);
  } finally {
    clearInterval(renewal);
  }
}

/** Each is signed on its own, before the clock starts: a body that is signed is accepted once. */
function uploads(requests: number, count: number): Case<HttpProxy> {
  return {
    name: `1 MiB sent, ${many(count, 'connection')}`,
    rounds: 3,
    async run(one) {
      const targets: Target[] = [];
      // One more a connection: that many ask for their port.
      while (targets.length < requests + count) targets.push(await targetOf(one, '/upload', upload));
      let at = 0;
      return load(() => targets[at++] ?? raise(), requests, count);
    },
  };
}

function eventStreams(streams: number): Case<HttpProxy> {
  return {
    name: `an event of ${streams} streams`,
    rounds: 2,
    run: async (one) => readEventStreams(await targetOf(one, '/events'), streams),
  };
}

async function targetOf({ port, prefix = '', headers }: HttpProxy, path: string, body?: Uint8Array): Promise<Target> {
  return {
    port,
    method: body ? 'POST' : 'GET',
    path: `${prefix}${path}`,
    headers: await headers(path, body),
    ...(body && { body }),
  };
}

function many(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}

function raise(): never {
  throw new RangeError('There is nothing left to send.');
}
