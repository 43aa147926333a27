import { UnavailableError } from '@aauth-stack/aauth/errors';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { send } from '../testing/client.ts';
import { checkMessage, createCheckClient } from '../testing/ext-authz-client.ts';
import { startProxy, type TestProxy } from '../testing/proxy.ts';
import { countKeyFetches } from './counted-fetch.ts';
import { createMetrics } from './metrics.ts';

let proxy: TestProxy;

beforeAll(async () => {
  proxy = await startProxy();
});

afterAll(() => proxy.close());

async function scrape(): Promise<{ type: string | undefined; lines: string[] }> {
  const request = { method: 'GET', target: '/metrics', headers: { host: 'anything.example' }, body: '' };
  const { status, headers, text } = await send(proxy.apiPort, request);
  expect(status).toBe(200);
  return { type: headers['content-type'], lines: text.split('\n').filter((line) => !line.startsWith('#')) };
}

test('what is decided at either port is counted, by resource, level and result', async () => {
  proxy.clock.now += 1;
  expect((await send(proxy.port, await proxy.signed())).status).toBe(200);
  const client = createCheckClient(proxy.grpcPort);
  proxy.clock.now += 1;
  await client.check(checkMessage(await proxy.signed()));
  const unsigned = { ...(await proxy.signed()), headers: { host: proxy.authority } };
  await client.check(checkMessage(unsigned));
  await client.check(checkMessage(unsigned, { context: { aauth_resource_id: 'payroll' } }));
  await client.check(checkMessage(await proxy.signed({ created: 1 })));
  client.close();

  const { type, lines } = await scrape();
  expect(type).toMatch(/^text\/plain; version=/);
  const counted = lines.filter((line) => line.startsWith('aauth_check_total'));
  expect(counted.sort()).toEqual([
    'aauth_check_total{resource="supply-chain-agent",level="identified",result="allow"} 2',
    'aauth_check_total{resource="supply-chain-agent",level="none",result="challenged"} 1',
    'aauth_check_total{resource="supply-chain-agent",level="none",result="error"} 1',
    'aauth_check_total{resource="unknown",level="none",result="error"} 1',
  ]);
  expect(lines).toContain('aauth_check_duration_seconds_count{resource="supply-chain-agent",result="allow"} 2');
  expect(lines).toContain(
    `aauth_jwks_fetch_total{uri="${proxy.provider.issuer}/.well-known/jwks.json",result="success"} 1`,
  );
});

const at = 'https://ap.example';
const response = (status: number) => ({ status, headers: new Headers(), body: new Uint8Array() });

test('key sets are counted with what came of them; metadata is not', async () => {
  const metrics = createMetrics();
  const answers = [response(200), response(404), new UnavailableError('gone'), response(200)];
  const fetch = countKeyFetches(async () => {
    const answer = answers.shift();
    if (!answer || answer instanceof Error) throw answer;
    return answer;
  }, metrics);
  await fetch(new URL('/keys', at));
  await fetch(new URL('/keys?secret=1', at));
  await expect(fetch(new URL('/keys', at))).rejects.toThrow('gone');
  await fetch(new URL('/.well-known/aauth-agent.json', at));
  const text = await metrics.text();
  expect(text).toContain(`aauth_jwks_fetch_total{uri="${at}/keys",result="success"} 1`);
  expect(text).toContain(`aauth_jwks_fetch_total{uri="${at}/keys",result="error"} 2`);
  expect(text).not.toMatch(/secret|aauth-agent\.json/);
});

test('agents cannot fill the memory with the addresses of their providers', async () => {
  const metrics = createMetrics();
  for (let n = 0; n < 500; n++) metrics.countKeyFetch(`https://ap${n}.example/keys`, 'success');
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('aauth_jwks_fetch_total'));
  expect(lines).toHaveLength(101);
  expect(lines).toContain('aauth_jwks_fetch_total{uri="other",result="success"} 400');
});

test('what Node knows of the process is there where it is asked for', async () => {
  expect(await createMetrics({ process: true }).text()).toContain('process_resident_memory_bytes');
  expect(await createMetrics().text()).not.toContain('process_');
});
