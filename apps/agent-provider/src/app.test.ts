import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { newAgent } from '../test/agent.ts';
import { shareWorld } from '../test/world.ts';

const sharedWorld = shareWorld();

test('the metadata names the provider, its keys and its endpoints', async () => {
  const { replica, issuer } = sharedWorld();
  const response = await fetch(`${replica.server.url}/.well-known/aauth-agent.json`);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('cache-control')).toBe('public, max-age=300');
  expect(await response.json()).toEqual({
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    name: 'Test Agent Provider',
    registration_endpoint: `${issuer}/register`,
    refresh_endpoint: `${issuer}/refresh`,
    accept_signature_algs: ['Ed25519', 'ES256'],
    localhost_callback_allowed: true,
  });
});

test('W8: health and readiness are served and mean what they say', async () => {
  const { replica } = sharedWorld();
  const health = await fetch(`${replica.server.url}/healthz`);
  const ready = await fetch(`${replica.server.url}/readyz`);
  expect([health.status, ready.status]).toEqual([200, 200]);
  expect(await ready.json()).toEqual({ status: 'ok', checks: { database: 'ok', signing_key: 'ok' } });
});

test.each([
  ['GET', '/'],
  ['POST', '/revoke'],
  ['GET', '/.well-known/aauth-person.json'],
])('an unknown route is a 404 problem: %s %s', async (method, path) => {
  const response = await fetch(`${sharedWorld().replica.server.url}${path}`, { method });
  expect(response.status).toBe(404);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toMatchObject({ error: 'not_found' });
});

test('a body of unannounced length is read like any other, up to the same limit', async () => {
  const world = sharedWorld();
  const streamed = async (agentName: string) => {
    const { body, ...request } = await world.sign(await newAgent(), {
      method: 'POST',
      path: '/register',
      body: { agent_name: agentName },
    });
    const stream = new Blob([body ?? '']).stream();
    return world.replica.fetch(`${world.issuer}/register`, { ...request, body: stream, duplex: 'half' });
  };
  expect((await streamed('Chunked Agent')).status).toBe(202);
  expect((await streamed('x'.repeat(20_000))).status).toBe(413);
});

test('a body beyond what any endpoint needs is a 413 problem', async () => {
  const world = sharedWorld();
  const body = { agent_name: 'x'.repeat(20_000) };
  const response = await world.send(await world.sign(await newAgent(), { method: 'POST', path: '/register', body }));
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ error: 'invalid_request' });
});

test('headers of 64 KiB are Node’s 431', async () => {
  const { port } = sharedWorld().replica.server;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(port, '127.0.0.1', () => {
    socket.write(`POST /refresh HTTP/1.1\r\nHost: x\r\nSignature-Key: ${'x'.repeat(65_536)}\r\n\r\n`);
  });
  socket.once('data', (data) => resolve(data.toString()));
  socket.once('error', reject);
  expect(await promise).toMatch(/^HTTP\/1\.1 431 /);
  socket.destroy();
});
