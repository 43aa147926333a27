import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createHttpFetch } from '@aauth-stack/aauth/node';
import { createTestDatabase, freePort, startProcess as startProgram } from '@aauth-stack/service/testing';
import { createOtlpReceiver } from '@aauth-stack/telemetry/testing';
import { expect, onTestFinished, test } from 'vitest';
import { newKey, startAgentProviderPeer } from '../test/agent-provider-peer.ts';
import { createTestClock } from '../test/clock.ts';
import { startResourcePeer } from '../test/resource-peer.ts';
import { agentTokenOf, ask, authToken, claimsOf, personToken } from '../test/test-agent.ts';

const waitLong = { timeout: 60_000, interval: 50 };

const startProcess = (environment: Record<string, string>) =>
  startProgram({ directory: new URL('..', import.meta.url), environment });

test('the process shows its token once, decides, traces what it verifies and decides without secrets, and stops', {
  // Starts several processes, one after the other.
  timeout: 180_000,
}, async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const receiver = await createOtlpReceiver();
  onTestFinished(() => receiver.close());
  const fetch = createHttpFetch();
  onTestFinished(() => fetch.close());
  const port = await freePort();
  const origin = parseServerIdentifier(`http://person-server.localhost:${port}`, { allowLoopback: true });
  const clock = createTestClock();
  const peer = await startAgentProviderPeer(clock);
  onTestFinished(() => peer.stop());
  peer.personServer = origin;
  const environment = {
    PORT: String(port),
    DATABASE_URL: database.url,
    PERSON_SERVER_URL: origin,
    AGENT_PROVIDER_URL: peer.issuer,
    AAUTH_CONSENT_POLICY: 'standing',
    OTEL_SERVICE_NAME: 'person-server',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
  };
  const isReady = async () => (await fetch(`${origin}/readyz`).catch(() => undefined))?.status;
  const first = startProcess(environment);
  await expect.poll(isReady, waitLong).toBe(200);

  const token = /^The portal token, shown this once: (\S+)$/m.exec(first.output())?.[1] ?? '';
  const { id } = await peer.enrol('Traced Agent');
  const init = { method: 'POST', headers: { authorization: `Bearer ${token}` } };
  expect((await fetch(`${origin}/person/registrations/${id}/approve`, init)).status).toBe(200);
  expect((await peer.post({ event: 'registration.approved', id })).status).toBe(204);

  const server = { origin, clock, request: (path: string, init?: RequestInit) => fetch(`${origin}${path}`, init) };
  const resource = await startResourcePeer(clock);
  onTestFinished(() => resource.stop());
  const agent = await agentTokenOf({ peer, clock }, peer.bindings[0]?.agent_id ?? '', await newKey('agent'));
  const presented = await personToken(server, agent, resource);
  const granted = await authToken(server, agent, resource, presented);
  const needsPerson = { resource_token: await resource.challenge(presented, { scope: ['require:user'] }) };
  const refused = await ask(server, agent, '/auth-token', { ...needsPerson, presented_token: presented });
  expect(refused.status).toBe(403);
  const asked = { ...needsPerson, presented_token: presented, capabilities: ['interaction'] };
  const deferred = await ask(server, agent, '/auth-token', asked);
  expect(deferred.status).toBe(202);
  const pendingId = deferred.headers.get('location')?.split('/').at(-1);
  const decided = await fetch(`${origin}/consent/${pendingId}/decision`, {
    ...init,
    headers: { ...init.headers, 'content-type': 'application/json' },
    body: JSON.stringify({ approved: true }),
  });
  expect(decided.status).toBe(200);

  const spans = await receiver.waitFor(
    (all) =>
      all.some((span) => span.name === 'POST /person/registrations/:id/approve') &&
      all.some((span) => span.name === 'POST /consent/:id/decision') &&
      all.filter((span) => span.name === 'POST /auth-token').length === 3,
    20_000,
  );
  const verification = spans.find(
    ({ name, attributes }) => name === 'aauth.verify' && attributes['aauth.scheme'] === 'jwks_uri',
  );
  expect(verification?.attributes).toMatchObject({
    'aauth.result': 'verified',
    'aauth.level': 'identified',
    'aauth.scheme': 'jwks_uri',
    'aauth.jkt': peer.key.thumbprint,
    'aauth.resource': origin,
    'aauth.signature.components': expect.arrayContaining(['@method', '@authority', '@path', 'content-digest']),
  });
  const parent = spans.find(({ spanId }) => spanId === verification?.parentSpanId);
  expect(parent).toMatchObject({ service: 'person-server', kind: 'server', name: 'POST /agent-provider/events' });
  const decision = spans.find(({ name }) => name === 'POST /person/registrations/:id/approve');
  expect(decision?.events).toContainEqual(
    expect.objectContaining({ name: 'aauth.decision', attributes: { 'aauth.result': 'enrolment-approved' } }),
  );

  const exchanges = spans.filter(({ name }) => name === 'POST /auth-token');
  const exchanged = exchanges.find(({ events }) =>
    events.some(({ attributes }) => attributes['aauth.result'] === 'issued'),
  );
  const eventsOf = (name: string) => exchanged?.events.filter((event) => event.name === name) ?? [];
  const [requested, issued] = eventsOf('aauth.exchange').map(({ attributes }) => attributes);
  const common = { 'aauth.resource': resource.issuer, 'aauth.agent': agent.id, 'aauth.scope': ['read'] };
  expect(requested).toMatchObject({ ...common, 'aauth.result': 'requested', 'aauth.token.type': 'aa-resource+jwt' });
  expect(JSON.parse(String(requested?.['aauth.token.claims']))).toMatchObject({ sub: claimsOf(presented).sub });
  expect(issued).toMatchObject({ ...common, 'aauth.result': 'issued', 'aauth.token.type': 'aa-auth+jwt' });
  expect(JSON.parse(String(issued?.['aauth.token.claims']))).toEqual(claimsOf(granted));
  expect(eventsOf('aauth.decision').map(({ attributes }) => attributes)).toMatchObject([
    { ...common, 'aauth.result': 'granted', 'aauth.reason': 'standing-policy' },
  ]);
  const deferral = exchanges.find(({ events }) =>
    events.some(({ attributes }) => attributes['aauth.result'] === 'asked'),
  );
  const page = spans.find(({ name }) => name === 'POST /consent/:id/decision');
  const consent = spans.find(({ name }) => name === 'aauth.decision');
  expect(consent?.attributes).toMatchObject({ 'aauth.result': 'approved', 'aauth.agent': agent.id });
  // In the trace of the request, and linked with that of the page, both ways.
  expect([consent?.traceId, consent?.parentSpanId]).toEqual([deferral?.traceId, deferral?.spanId]);
  const linkTo = (span: typeof page) => ({ traceId: span?.traceId, spanId: span?.spanId });
  expect(consent?.links).toContainEqual(linkTo(page));
  expect(page?.links).toContainEqual(linkTo(deferral));
  const denial = exchanges.find(({ attributes }) => attributes['aauth.result'] === 'refused');
  expect(denial?.attributes).toMatchObject({ 'aauth.result': 'refused', 'aauth.error': 'user_unreachable' });
  expect(denial?.events.map(({ attributes }) => attributes['aauth.reason'])).toContain('scope-needs-person');
  for (const secret of [agent.token, presented, granted].map((compact) => compact.split('.')[2] ?? '')) {
    expect(receiver.wire().includes(secret)).toBe(false);
    expect(first.output()).not.toContain(secret);
  }
  expect(receiver.wire().includes(token)).toBe(false);
  expect(first.output().split(token)).toHaveLength(2);

  expect(await first.terminate()).toBe(0);

  const second = startProcess(environment);
  await expect.poll(isReady, waitLong).toBe(200);
  expect((await fetch(`${origin}/person/bindings`, { headers: init.headers })).status).toBe(200);
  expect(second.output()).not.toContain('shown this once');
  expect(await second.terminate()).toBe(0);
});

test.each([
  ['no database', {}, /DATABASE_URL is not set/],
  ['a database that is not there', { DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/x' }, /:\*\*\*@127\.0\.0\.1:1/],
  [
    'a token that others can guess',
    {
      DATABASE_URL: 'postgres://u:p@127.0.0.1:1/x',
      PERSON_SERVER_URL: 'https://ps.example',
      AGENT_PROVIDER_URL: 'https://ap.example',
      AAUTH_PORTAL_TOKEN: 'mytoken',
    },
    /AAUTH_PORTAL_TOKEN="\*\*\*" is wrong/,
  ],
])('with %s the process says so in one line and exits with 1', async (_, environment, message) => {
  const server = startProcess(environment);
  expect(await server.ended).toBe(1);
  expect(server.output()).toMatch(message);
  const plain = server.output().trimEnd().split('\n');
  expect(plain.filter((line) => line.startsWith('person-server '))).toHaveLength(1);
});
