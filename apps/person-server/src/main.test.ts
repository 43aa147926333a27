import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createHttpFetch } from '@aauth-stack/aauth/node';
import { createTestDatabase } from '@aauth-stack/service/testing';
import { createOtlpReceiver } from '@aauth-stack/telemetry/testing';
import { expect, onTestFinished, test } from 'vitest';
import { startAgentProviderPeer } from '../test/agent-provider-peer.ts';
import { createTestClock } from '../test/clock.ts';
import { freePort, startProcess } from '../test/process.ts';

const waitLong = { timeout: 20_000, interval: 50 };

test('the process shows its token once, decides, traces what it verifies and decides without secrets, and stops', {
  timeout: 60_000,
}, async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const receiver = await createOtlpReceiver();
  onTestFinished(() => receiver.close());
  const fetch = createHttpFetch();
  onTestFinished(() => fetch.close());
  const port = await freePort();
  const origin = parseServerIdentifier(`http://person-server.localhost:${port}`, { allowLoopback: true });
  const peer = await startAgentProviderPeer(createTestClock());
  onTestFinished(() => peer.stop());
  peer.personServer = origin;
  const environment = {
    PORT: String(port),
    DATABASE_URL: database.url,
    PERSON_SERVER_URL: origin,
    AGENT_PROVIDER_URL: peer.issuer,
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

  const spans = await receiver.waitFor(
    (all) =>
      ['aauth.verify', 'POST /person/registrations/:id/approve'].every((name) =>
        all.some((span) => span.name === name),
      ),
    20_000,
  );
  const verification = spans.find(({ name }) => name === 'aauth.verify');
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
    expect.objectContaining({ name: 'aauth.decision', attributes: { 'aauth.result': 'approve' } }),
  );
  expect(receiver.wire().includes(token)).toBe(false);
  expect(first.output().split(token)).toHaveLength(2);

  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(0);

  const second = startProcess(environment);
  await expect.poll(isReady, waitLong).toBe(200);
  expect((await fetch(`${origin}/person/bindings`, { headers: init.headers })).status).toBe(200);
  expect(second.output()).not.toContain('shown this once');
  second.child.kill('SIGTERM');
  expect(await second.ended).toBe(0);
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
])('with %s the process says so in one line and exits with 1', { timeout: 30_000 }, async (_, environment, message) => {
  const server = startProcess(environment);
  expect(await server.ended).toBe(1);
  expect(server.output()).toMatch(message);
  const plain = server.output().trimEnd().split('\n');
  expect(plain.filter((line) => line.startsWith('person-server '))).toHaveLength(1);
});
