import { expect, onTestFinished, test } from 'vitest';
import { startServer } from '../../test/support/http-server.ts';
import { startIssuer } from '../../test/support/issuer-server.ts';
import { createKey } from '../../test/support/keys.ts';
import { systemClock } from '../clock.ts';
import { createDiscovery } from '../discovery/index.ts';
import { parseServerIdentifier } from '../identifiers.ts';
import { createAdmittedFetch } from '../node/admitted-fetch.ts';
import { createEgressFetch } from '../node/egress.ts';
import { createRevocationEndpoint } from '../resource/revocation.ts';
import { createRevocationStore } from '../resource/revocation-store.ts';
import { createRevocationSender } from './send-revocation.ts';
import { createServerFetch } from './server-fetch.ts';
import { SigningError } from './signing-error.ts';

const identifiers = { allowLoopback: true };
const dwk = 'aauth-resource.json';
const unsupported = {
  state: 'unsupported',
  error: 'its aauth-resource.json names no revocation_endpoint that can be used',
};

/** An issuer that sends, and a resource with the library's own endpoint, on sockets. */
async function setUp() {
  const now = systemClock;
  const issuer = await startIssuer('agent-provider', 'aauth-agent.json');
  const discovery = () => createDiscovery({ fetch: createEgressFetch(identifiers), identifiers, now });
  const resource: { metadata: object; answer?: () => Response | Promise<Response> } = { metadata: {} };
  const store = createRevocationStore({ now });
  const server = await startServer(async ({ method, target, headers, body }) => {
    if (target.startsWith('/.well-known/')) return Response.json({ issuer: identifier, ...resource.metadata });
    if (resource.answer) return resource.answer();
    return accept(new Request(new URL(target, identifier), { method, headers, body }));
  });
  const identifier = parseServerIdentifier(`http://resource.localhost:${server.port}`, identifiers);
  resource.metadata = { revocation_endpoint: `${identifier}/revoke` };
  const common = { identifier, identifiers, discovery: discovery(), now, store };
  const accept = createRevocationEndpoint({ ...common, accepted: [{ issuer: issuer.identifier }] });
  const admitted = createAdmittedFetch(identifiers);
  onTestFinished(() => admitted.close());
  const senderWith = (key: () => ReturnType<typeof createKey>, timeout?: number) =>
    createRevocationSender({
      fetch: createServerFetch({ fetch: admitted, identifier: issuer.identifier, dwk: 'aauth-agent.json', key, now }),
      discovery: discovery(),
      identifiers,
      now,
      timeout,
    });
  const notice = { recipient: identifier, dwk, jti: 'token-1', exp: Math.floor(now()) + 600 } as const;
  const isRevoked = () => store.isRevoked({ issuer: issuer.identifier, jti: notice.jti });
  return { issuer, resource, server, senderWith, send: senderWith(async () => issuer.key), notice, isRevoked };
}

test('the recipient takes a signed revocation, twice as well as once', async () => {
  const { send, notice, isRevoked, server } = await setUp();
  expect(await send(notice)).toEqual({ state: 'delivered', error: undefined });
  expect(await isRevoked()).toBe(true);
  expect(await send(notice)).toMatchObject({ state: 'delivered' });
  const [, first] = server.received;
  expect(first).toMatchObject({ method: 'POST', target: '/revoke' });
  expect(JSON.parse(new TextDecoder().decode(first?.body))).toEqual({ jti: notice.jti, exp: notice.exp });
});

test('a 202 is asked on with a signed GET where it said', async () => {
  const { send, notice, resource, server } = await setUp();
  resource.answer = () => Response.json({ status: 'pending' }, { status: 202, headers: { location: '/revoke/1' } });
  const outcome = await send(notice);
  expect(outcome).toMatchObject({ state: 'pending', retryAfter: 5 });
  resource.answer = () => new Response(null);
  expect(await send({ ...notice, pendingUrl: outcome.pendingUrl })).toMatchObject({ state: 'delivered' });
  const poll = server.received.at(-1);
  expect(poll).toMatchObject({ method: 'GET', target: '/revoke/1' });
  expect(poll?.headers.get('signature-key')).toMatch(/^sig=jwks_uri;/);
});

test.each([
  ['no endpoint', undefined],
  ['an endpoint with a query', 'http://resource.localhost/revoke?x=1'],
  ['an address', 'https://10.0.0.1/revoke'],
  ['no URL', 7],
])('a recipient that names %s is sent nothing', async (_, revocation_endpoint) => {
  const { send, notice, resource, server } = await setUp();
  resource.metadata = { revocation_endpoint };
  expect(await send(notice)).toEqual(unsupported);
  expect(server.received).toHaveLength(1);
});

test('metadata under another name is not believed', async () => {
  const { send, notice, resource } = await setUp();
  resource.metadata = { ...resource.metadata, issuer: 'https://other.example' };
  expect(await send(notice)).toMatchObject({ state: 'failed', error: expect.stringContaining('another issuer') });
});

test('a recipient that is away, slow or redirects has failed, and why stays inside', async () => {
  const { send, senderWith, issuer, notice, resource, server } = await setUp();
  resource.answer = () => Response.redirect('http://elsewhere.localhost:9/', 307);
  expect(await send(notice)).toMatchObject({
    state: 'failed',
    error: 'it cannot be reached',
    cause: expect.any(TypeError),
  });
  resource.answer = () => new Promise(() => {});
  const impatient = senderWith(async () => issuer.key, 0.05);
  expect(await impatient(notice)).toMatchObject({ state: 'failed', cause: { name: 'TimeoutError' } });
  await server.close();
  expect(await send(notice)).toMatchObject({ state: 'failed', error: 'it cannot be reached' });
});

test('rejects when it is broken off, and with what is its own fault', async () => {
  const { send, senderWith, notice, resource } = await setUp();
  const controller = new AbortController();
  resource.answer = () => {
    controller.abort(new Error('closing'));
    return new Promise(() => {});
  };
  await expect(send(notice, controller.signal)).rejects.toThrow('closing');
  const broken = senderWith(async () => ({
    ...(await createKey('k')),
    sign: () => Promise.reject(new Error('no key')),
  }));
  await expect(broken(notice)).rejects.toThrow(SigningError);
});
