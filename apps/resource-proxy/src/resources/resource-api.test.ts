import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDiscovery } from '@aauth-stack/aauth/discovery';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createEgressFetch, loadOrCreateSigningKey, nodeKeys } from '@aauth-stack/aauth/node';
import { captureLog } from '@aauth-stack/service/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { createMetrics } from '../metrics/metrics.ts';
import { type Answer, send } from '../testing/client.ts';
import { type ProxyOptions, startProxy, type TestProxy } from '../testing/proxy.ts';
import { createResourceApi } from './resource-api.ts';

let proxy: TestProxy | undefined;

afterEach(async () => {
  await proxy?.close();
  proxy = undefined;
});

async function start(options: ProxyOptions = {}): Promise<TestProxy> {
  proxy = await startProxy(options);
  return proxy;
}

const withKeys = {
  keys: async (directory: string) => {
    await loadOrCreateSigningKey(join(directory, 'spa-resource-key.pem'));
  },
};

const get = (port: number, host: string, target: string): Promise<Answer> =>
  send(port, { method: 'GET', target, headers: { host }, body: '' });

describe('what a resource publishes', () => {
  test('W3: metadata and keys are reachable through the gateway beside the agent card', async () => {
    const { port, apiPort, authority, backend } = await start(withKeys);
    const issuer = `http://${authority}`;
    for (const at of [port, apiPort]) {
      const metadata = await get(at, authority, '/.well-known/aauth-resource.json');
      expect(metadata).toMatchObject({ status: 200, headers: { 'cache-control': 'public, max-age=300' } });
      expect(JSON.parse(metadata.text)).toMatchObject({
        issuer,
        jwks_uri: `${issuer}/.well-known/jwks.json`,
        access_mode: 'agent-token',
        name: 'Supply-chain agent',
        signature_window: 60,
        additional_signature_components: ['@query', 'content-type', 'content-digest'],
        accept_signature_algs: ['Ed25519', 'ES256'],
        scope_descriptions: { 'supply-chain:read': expect.any(String) },
      });
      const jwks = await get(at, authority, '/.well-known/jwks.json');
      expect(JSON.parse(jwks.text)).toEqual({
        keys: [{ kty: 'OKP', crv: 'Ed25519', x: expect.any(String), alg: 'Ed25519', kid: 'spa-rsk-1', use: 'sig' }],
      });
      expect(jwks.text).not.toContain('"d"');
    }
    expect((await get(port, authority, '/.well-known/agent-card.json')).status).toBe(200);
    expect(backend.count()).toBe(1);
  });

  test('W3: every address that the metadata names answers, and another party can find the key with it', async () => {
    const { authority, port } = await start(withKeys);
    const identifiers = { allowLoopback: true };
    const fetch = createEgressFetch({ allowLoopback: true });
    const discovery = createDiscovery({ fetch, keys: nodeKeys, now: () => 1_800_000_000, identifiers });
    const issuer = parseServerIdentifier(`http://${authority}`, identifiers);
    const key = await discovery.key(issuer, 'aauth-resource.json', 'spa-rsk-1');
    expect(key.publicJwk.kid).toBe('spa-rsk-1');
    const metadata = await discovery.metadata(issuer, 'aauth-resource.json');
    const urls = Object.entries(metadata).filter(([name]) => /_(?:uri|endpoint)$/.test(name));
    expect(urls.map(([name]) => name)).toEqual(['jwks_uri', 'revocation_endpoint']);
    const { pathname } = new URL(String(metadata.revocation_endpoint));
    const unsigned = { method: 'POST', target: pathname, headers: { host: authority }, body: '{}' };
    expect((await send(port, unsigned)).status).toBe(401);
  });

  test('each host has its own, and an unknown one nothing', async () => {
    const { apiPort, port } = await start();
    const other = await get(apiPort, `market-analysis-agent.localhost:${port}`, '/.well-known/aauth-resource.json');
    expect(JSON.parse(other.text)).toMatchObject({ name: 'Market-analysis agent' });
    for (const target of ['/.well-known/aauth-resource.json', '/.well-known/jwks.json']) {
      expect(await get(apiPort, 'unknown.localhost', target)).toMatchObject({
        status: 404,
        headers: { 'content-type': 'application/problem+json' },
      });
    }
    expect((await get(apiPort, 'unknown.localhost', '/nothing')).status).toBe(404);
  });

  test('the key that is to sign next stands beside the one that signs, and one that is missing stops the start', async () => {
    const resources = (text: string) =>
      text.replace(/signing_key:\n +kid: spa-rsk-1/, (line) =>
        ['published_keys:', '  - kid: spa-rsk-2', '    private_key_file: ../../.data/keys/next.pem', line].join(
          '\n    ',
        ),
      );
    const keys = async (directory: string) => {
      await withKeys.keys(directory);
      await loadOrCreateSigningKey(join(directory, 'next.pem'));
    };
    const { apiPort, authority } = await start({ resources, keys });
    const published = JSON.parse((await get(apiPort, authority, '/.well-known/jwks.json')).text);
    expect(published.keys.map(({ kid }: { kid: string }) => kid)).toEqual(['spa-rsk-1', 'spa-rsk-2']);
    await expect(startProxy({ resources, ...withKeys })).rejects.toThrow(/published key of resource .*next\.pem/);
  });

  test('no key file: nothing is published, nothing is created, and it is said', async () => {
    const { apiPort, authority, lines } = await start();
    expect(JSON.parse((await get(apiPort, authority, '/.well-known/jwks.json')).text)).toEqual({ keys: [] });
    expect(lines()).toContainEqual(
      expect.objectContaining({ level: 'warn', msg: expect.stringMatching(/spa-resource-key\.pem does not exist/) }),
    );
  });

  test.each([
    ['readable by others', (file: string) => chmod(file, 0o644), /0600|chmod/],
    ['no key', (file: string) => writeFile(file, 'x'), /spa-resource-key/],
  ])('a key file that is %s stops the start', async (_name, spoil, reason) => {
    const keys = async (directory: string) => {
      await withKeys.keys(directory);
      await spoil(join(directory, 'spa-resource-key.pem'));
    };
    await expect(startProxy({ keys })).rejects.toThrow(reason);
  });
});

describe('W8: health means ready', () => {
  test('every health address answers on the API port, and none of them shadows a path of the agents', async () => {
    const { apiPort, port, authority } = await start();
    for (const target of ['/health', '/healthz', '/readyz']) {
      expect(await get(apiPort, 'localhost', target)).toMatchObject({ status: 200 });
      expect((await get(port, authority, target)).status).toBe(404);
    }
  });

  test('before the gateway listens it is alive, and not ready', async () => {
    const api = createResourceApi({
      resources: [],
      identifiers: { allowLoopback: true },
      metrics: createMetrics(),
      log: captureLog().log,
      ready: () => {
        throw new Error('not every port is listened on yet');
      },
    });
    expect((await api.request('/healthz')).status).toBe(200);
    for (const path of ['/readyz', '/health']) {
      const answer = await api.request(path);
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({ checks: { ports: 'not every port is listened on yet' } });
    }
  });
});
