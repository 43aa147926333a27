import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Deployment, startDeployment } from '../test/deployment.ts';

let deployment: Deployment;

beforeAll(async () => {
  deployment = await startDeployment();
});
afterAll(() => deployment.stop());

test('the metadata names the server and its endpoints, from the configured origin', async () => {
  const response = await deployment.request('/.well-known/aauth-person.json');
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('public, max-age=300');
  expect(await response.json()).toEqual({
    issuer: deployment.origin,
    jwks_uri: `${deployment.origin}/.well-known/jwks.json`,
    name: 'Person Server',
    person_token_endpoint: `${deployment.origin}/person-token`,
    auth_token_endpoint: `${deployment.origin}/auth-token`,
    revocation_endpoint: `${deployment.origin}/revoke`,
    scopes_supported: [],
    claims_supported: ['sub'],
    accept_signature_algs: ['Ed25519', 'ES256'],
  });
});

test.each(['/person-token', '/auth-token'])(
  '%s answers agents alone: the person’s session counts for nothing',
  async (path) => {
    for (const send of [deployment.request, deployment.asPerson]) {
      const response = await send(path, { method: 'POST', body: '{}' });
      expect(response.status).toBe(401);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(response.headers.get('signature-error')).toBe('error=invalid_signature');
    }
  },
);

test('GET /person/trusted-agent-servers has the deployment’s own, with what it publishes', async () => {
  const response = await deployment.asPerson('/person/trusted-agent-servers');
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual([
    {
      issuer: deployment.peer.issuer,
      display_name: 'Peer <b>Provider</b>',
      description: 'Runs **agents** of others.',
      jwks_uri: `${deployment.peer.issuer}/.well-known/jwks.json`,
      jwks_fingerprint: expect.stringMatching(/^[\w-]{43}$/),
      implicit: true,
      added_at: expect.stringMatching(/^\d{4}-/),
    },
  ]);
  expect((await deployment.request('/person/trusted-agent-servers')).status).toBe(401);

  await deployment.peer.goAway();
  const away = await (await deployment.asPerson('/person/trusted-agent-servers')).json();
  expect(away).toEqual([expect.objectContaining({ issuer: deployment.peer.issuer, jwks_fingerprint: null })]);
  await deployment.peer.comeBack();
});

describe('health', () => {
  test('is good whether or not the Agent Provider answers', async () => {
    await deployment.peer.goAway();
    for (const path of ['/healthz', '/readyz']) {
      const response = await deployment.request(path);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ status: 'ok', checks: { database: 'ok' } });
    }
    await deployment.peer.comeBack();
  });
});

describe('bad input', () => {
  test('an unknown route, and a known one by another method, are 404', async () => {
    for (const [path, method] of [
      ['/unknown', 'GET'],
      ['/person/registrations', 'DELETE'],
      ['/agent-provider/events', 'GET'],
    ] as const) {
      const response = await deployment.request(path, { method });
      expect(response.status).toBe(404);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(await response.json()).toMatchObject({
        error: 'not_found',
        detail: `There is nothing at ${method} ${path}.`,
      });
    }
  });

  test('a header of 64 KiB is Node’s 431', async () => {
    const response = await deployment.request('/person/session', { headers: { cookie: 'x'.repeat(65_536) } });
    expect(response.status).toBe(431);
  });
});
