import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { formatTable } from '../table.ts';
import { check, type Door, doorCases, get, type HttpProxy, proxyCases, workerCases } from './cases.ts';
import { startChild } from './child.ts';
import { type Case, type Contestant, compare, measured } from './compare.ts';
import { startDatabase } from './database.ts';
import { startNginx } from './nginx.ts';
import { type ProxyOptions, type RunningProxy, startResourceProxy } from './resource-proxy.ts';
import { startAgent, startService } from './servers.ts';

const [only = ''] = process.argv.slice(2);

await using started = new AsyncDisposableStack();
const service = await startService();
started.defer(service.close);
const agent = await startAgent();
started.defer(agent.close);

await print('proxy', proxyCases, async () => {
  const bare = startChild([fileURLToPath(new URL('bare.ts', import.meta.url)), `http://127.0.0.1:${service.port}`]);
  started.defer(bare.stop);
  const barePort = Number(await bare.line());
  const nginx = await startNginx(service.port);
  if (nginx) started.defer(nginx.stop);
  else process.stderr.write('nginx is missing, and is not to be had from apt-get: no floor.\n');
  const proxy = await startProxy();
  const unsigned = (host: string) => async () => ({ host });
  const headers = unsigned('localhost');
  const proxies: readonly HttpProxy[] = [
    ...(nginx ? [{ name: 'nginx', ...nginx, headers }] : []),
    { name: 'node:http + undici', child: bare, port: barePort, headers },
    { name: '… and one verification', child: bare, port: barePort, prefix: '/verified', headers },
    { name: 'proxy, AAuth off', ...proxy, headers: unsigned(`open.localhost:${proxy.port}`) },
    signedBy('proxy, AAuth on', proxy),
    signedBy('… with traces and logs', await startProxy({ asShipped: true })),
  ];
  for (const one of proxies) await untilItAnswers(one);
  return proxies;
});

await print('asked by', doorCases, async () => {
  const proxy = await startProxy();
  const signed = signedBy('gateway', proxy);
  await untilItAnswers(signed);
  const doors: readonly Door[] = [
    { name: 'HTTP, passed on', child: proxy.child, ask: (...load) => get(signed, '/small', ...load) },
    { name: 'gRPC (ext_authz)', child: proxy.child, ask: (...load) => check(signed, proxy.grpcPort, ...load) },
  ];
  return doors;
});

await print('processes', workerCases, async () => {
  const database = await startDatabase();
  started.defer(database.stop);
  const proxies = [signedBy('1, nothing shared', await startProxy())];
  for (const workers of [1, 2]) {
    proxies.push(signedBy(`${workers}, with PostgreSQL`, await startProxy({ workers, databaseUrl: database.url })));
  }
  for (const one of proxies) await untilItAnswers(one);
  return proxies;
});

async function print<One extends Contestant>(
  head: string,
  cases: readonly Case<One>[],
  start: () => Promise<readonly One[]>,
): Promise<void> {
  const chosen = cases.filter(({ name }) => name.includes(only));
  if (chosen.length === 0) return;
  const contestants = await start();
  const rows: string[][] = [];
  for (const one of chosen) rows.push(...(await compare(contestants, one)));
  process.stdout.write(`${formatTable(['', head, ...measured], rows)}\n\n`);
}

async function startProxy(options?: ProxyOptions): Promise<RunningProxy> {
  const proxy = await startResourceProxy(service.port, agent.issuer, options);
  started.defer(proxy.stop);
  return proxy;
}

function signedBy(name: string, { port, child }: RunningProxy): HttpProxy {
  const host = `signed.localhost:${port}`;
  return { name, port, child, headers: async (path, body) => ({ host, ...(await agent.sign(host, path, body)) }) };
}

async function untilItAnswers(one: HttpProxy): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await get(one, '/small', 1, 1);
      return;
    } catch (error) {
      if (attempt === 400) throw error;
      await wait(200);
    }
  }
}
