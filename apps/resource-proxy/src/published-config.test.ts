import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { hwkSignatureKey } from '@aauth-stack/aauth/signatures';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { loadConfig } from './config.ts';
import { send, signedRequest } from './testing/client.ts';
import { checkMessage, createCheckClient } from './testing/ext-authz-client.ts';
import { newKey } from './testing/issuer.ts';
import { makeResourceKeys } from './testing/proxy.ts';
import { publishedConfig } from './testing/published-config.ts';
import { freePort } from './testing/servers.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'published-config-'));
const keys = join(directory, 'keys');
const file = join(directory, 'config', 'aauth-config.yaml');

beforeAll(async () => {
  mkdirSync(join(directory, 'config'));
  mkdirSync(keys);
  await makeResourceKeys(keys);
});

afterAll(() => rmSync(directory, { recursive: true }));

test('a file of the published service is read as it is, and what has no effect here is said', () => {
  writeFileSync(file, publishedConfig({ grpc: 7070, http: 8081 }));
  const { gateway, proxySecret, resources, remarks } = loadConfig({ AAUTH_CONFIG: file });
  expect({ gateway, proxySecret }).toEqual({ gateway: undefined, proxySecret: undefined });
  expect(resources.listen).toMatchObject({ grpc: { port: 7070 }, http: { port: 8081 } });
  expect(resources.resources).toMatchObject([
    {
      id: 'supply-chain-agent',
      access: 'auth-token',
      // Nobody gets an auth token without one.
      tokenTypes: ['aa-agent+jwt', 'aa-auth+jwt', 'aa-person+jwt'],
      authorities: ['supply-chain-agent.localhost:3000'],
      personServers: [{ issuer: 'http://127.0.0.1:8765', jwksUri: 'http://127.0.0.1:8765/.well-known/jwks.json' }],
      asksForAuthTokens: true,
    },
    { id: 'anybody', access: 'agent-token', schemes: ['hwk', 'jwks_uri', 'jwt'], signatureWindow: 90 },
  ]);
  const said = remarks.join('\n');
  for (const expected of [
    'GATEWAY_CONFIG is not set',
    'jwks_cache',
    'policy',
    'allow_insecure_jwt_issuer',
    'aa-person+jwt is accepted too',
    'supply-chain-agent: accepts agents of every agent provider',
  ]) {
    expect(said).toContain(expected);
  }
});

test('with that file and nothing else, the process serves ext_authz and no gateway', async () => {
  const [grpc, http] = [await freePort(), await freePort()];
  writeFileSync(file, publishedConfig({ grpc, http }));
  const child = spawn(process.execPath, [main], {
    cwd: directory,
    env: { AAUTH_CONFIG: file },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  for await (const line of createInterface(child.stdout)) if (line.includes(`:${grpc}`)) break;
  child.stdout.resume();

  const client = createCheckClient(grpc);
  onTestFinished(() => client.close());
  const key = await newKey();
  const request = await signedRequest({
    key,
    token: '',
    signatureKey: hwkSignatureKey(key.publicJwk),
    created: Math.floor(Date.now() / 1000),
    authority: 'localhost:8080',
    method: 'GET',
    body: '',
  });
  expect(await client.check(checkMessage(request))).toMatchObject({
    code: 0,
    allowed: { headers: { 'x-aauth-level': 'pseudonymous', 'x-aauth-jkt': key.thumbprint } },
    metadata: { level: 'pseudonymous', scheme: 'hwk', jkt: key.thumbprint },
  });
  expect(
    await client.check(checkMessage(request, { context: { aauth_resource_id: 'supply-chain-agent' } })),
  ).toMatchObject({ code: 16, denied: { status: 401 } });

  const get = async (host: string, target: string) =>
    send(http, { method: 'GET', target, headers: { host }, body: '' });
  const metadata = await get('supply-chain-agent.localhost', '/.well-known/aauth-resource.json');
  expect(JSON.parse(metadata.text)).toMatchObject({
    issuer: 'http://supply-chain-agent.localhost:3000',
    jwks_uri: 'http://supply-chain-agent.localhost:3000/.well-known/jwks.json',
    authorization_endpoint: 'http://supply-chain-agent.localhost:3000/resource/token',
    client_name: 'Supply chain',
    login_endpoint: 'http://supply-chain-agent.localhost:3000/login',
    supported_scopes: ['supply-chain:check', 'supply-chain:read'],
  });
  const jwks = await get('supply-chain-agent.localhost:3000', '/.well-known/jwks.json');
  expect(JSON.parse(jwks.text)).toMatchObject({ keys: [{ kid: 'spa-rsk-1', kty: 'OKP' }] });
  expect((await get('nobody.example', '/.well-known/jwks.json')).status).toBe(404);
  expect((await get('localhost', '/health')).status).toBe(200);
  expect((await get('localhost', '/metrics')).text).toContain(
    'aauth_check_total{resource="anybody",level="pseudonymous",result="allow"} 1',
  );

  child.kill('SIGTERM');
  expect((await ended)[0]).toBe(0);
});

test('a key that is missing where it is needed stops the start, with file and resource', async () => {
  writeFileSync(
    file,
    publishedConfig({ grpc: await freePort(), http: await freePort() }).replace(
      'keys/spa-resource-key.pem',
      'nowhere.pem',
    ),
  );
  const child = spawn(process.execPath, [main], {
    cwd: directory,
    env: { AAUTH_CONFIG: file },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  expect((await once(child, 'close'))[0]).toBe(1);
  expect(said).toMatch(/signing key of resource "supply-chain-agent" \(.*nowhere\.pem\): /);
  expect(said).not.toContain('    at ');
});
