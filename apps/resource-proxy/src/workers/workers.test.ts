import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, freePort, spawnProcess, startProcess } from '@aauth-stack/service/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAgentProvider } from '../testing/agent-provider.ts';
import { send, signedRequest, type WireRequest } from '../testing/client.ts';
import { startPersonServer } from '../testing/person-server.ts';
import { makeResourceKeys } from '../testing/proxy.ts';
import { startBackend } from '../testing/servers.ts';

const directory = new URL('../../', import.meta.url);
const inInfra = (file: string) => fileURLToPath(new URL(`../../../../infra/gateway/${file}`, import.meta.url));
const now = () => Math.floor(Date.now() / 1000);

/** A proxy of two workers, as it is started by hand. */
async function startWorkers() {
  const stack = new AsyncDisposableStack();
  const keys = mkdtempSync(join(tmpdir(), 'resource-proxy-workers-'));
  stack.defer(() => rmSync(keys, { recursive: true }));
  await makeResourceKeys(keys);
  const database = await createTestDatabase();
  stack.defer(() => database.drop());
  const provider = await startAgentProvider('agent-provider', now);
  stack.defer(provider.close);
  const personServer = await startPersonServer('person-server', now);
  stack.defer(personServer.close);
  const backend = await startBackend();
  stack.defer(backend.close);
  const [port, apiPort, grpcPort] = [await freePort(), await freePort(), await freePort()];
  const environment = {
    WORKERS: '2',
    DATABASE_URL: database.url,
    AAUTH_PROXY_SECRET: 'a-secret-of-the-tests-0123456789abcdef',
    GATEWAY_CONFIG: inInfra('config.yaml'),
    AAUTH_CONFIG: inInfra('aauth-config.yaml'),
    AAUTH_KEY_DIR: keys,
    AGENT_PROVIDER_URL: provider.issuer,
    PERSON_SERVER_URL: personServer.issuer,
    GATEWAY_PORT: String(port),
    RESOURCE_API_PORT: String(apiPort),
    EXT_AUTHZ_PORT: String(grpcPort),
    SUPPLY_CHAIN_AGENT_PORT: String(backend.port),
  };
  const started = spawnProcess({ directory, environment, arguments: ['src/main.ts'] });
  stack.defer(started.kill);
  const agent = await provider.agent();
  const authority = `supply-chain-agent.localhost:${port}`;
  let nonce = 0;
  const signed = () =>
    signedRequest({ authority, key: agent.key, token: agent.token, created: now(), target: `/?${nonce++}` });
  return { stack, started, environment, port, apiPort, backend, signed };
}

let proxy: Awaited<ReturnType<typeof startWorkers>>;

beforeAll(async () => {
  proxy = await startWorkers();
  await until(() => listening() === 6);
}, 90_000);

afterAll(() => proxy.stack.disposeAsync());

/** Ports that workers have said they listen on: three each. */
const listening = () => proxy.started.output().match(/"listening on /g)?.length ?? 0;

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await wait(50);
}

function workers(): number[] {
  const [supervisor] = readdirSync('/proc').filter((name) => isSupervisor(name));
  if (supervisor === undefined) return [];
  return readFileSync(`/proc/${supervisor}/task/${supervisor}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

function isSupervisor(pid: string): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
    return environment.includes(`GATEWAY_PORT=${proxy.port}\0`) && !environment.includes('NODE_UNIQUE_ID=');
  } catch {
    return false;
  }
}

async function checksCounted(): Promise<number> {
  const request = { method: 'GET', target: '/metrics', headers: { host: 'localhost' }, body: '' };
  const { text } = await send(proxy.apiPort, request);
  const counts = text.matchAll(/^aauth_check_total\{.*\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

// Each of them is a process that has to start, on whatever else the machine does.
describe('two workers', { timeout: 90_000 }, () => {
  test('W18: a request that one accepted is refused by both', async () => {
    const request = await proxy.signed();
    expect((await send(proxy.port, request)).status).toBe(200);
    const reached = proxy.backend.count();
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const repeated = await send(proxy.port, request);
      expect(repeated).toMatchObject({ status: 401, headers: { 'signature-error': 'error=invalid_signature' } });
    }
    expect(proxy.backend.count()).toBe(reached);
  });

  test('both answer, and either tells what both have counted', async () => {
    const before = await checksCounted();
    const requests: WireRequest[] = [];
    while (requests.length < 8) requests.push(await proxy.signed());
    for (const request of requests) expect((await send(proxy.port, request)).status).toBe(200);
    const counted = [await checksCounted(), await checksCounted(), await checksCounted(), await checksCounted()];
    expect(counted).toEqual(counted.map(() => before + 8));
  });

  test.runIf(process.platform === 'linux')('one that is killed is replaced, and the other goes on', async () => {
    const [first, ...others] = workers();
    expect(others).toHaveLength(1);
    const before = listening();
    process.kill(first ?? 0, 'SIGKILL');
    await until(() => !workers().includes(first ?? 0));
    for (let count = 0; count < 4; count += 1) {
      expect((await send(proxy.port, await proxy.signed())).status).toBe(200);
    }
    await until(() => listening() === before + 3);
    expect(workers()).toHaveLength(2);
    expect(proxy.started.output()).toContain('a worker has ended and is replaced');
  });

  test('stop with the process above them, and exit with 0', async () => {
    const pids = workers();
    expect(await proxy.started.terminate()).toBe(0);
    expect(workers()).toEqual([]);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});

test('a port that is taken stops the start with one reason', async () => {
  const taken = startProcess({
    directory,
    environment: { ...proxy.environment, GATEWAY_PORT: String(proxy.backend.port) },
    arguments: ['src/main.ts'],
  });
  expect(await taken.ended).toBe(1);
  expect(taken.output().match(/resource-proxy cannot start: .*/g)).toEqual([
    expect.stringMatching(/port \d+ on 127\.0\.0\.1 is taken by /),
    'resource-proxy cannot start: the first of its workers has ended',
  ]);
}, 90_000);
