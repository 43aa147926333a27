import { systemClock } from '@aauth-stack/aauth/clock';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createHttpFetch } from '@aauth-stack/aauth/node';
import { captureLog, createTestDatabase, freePort, startProcess } from '@aauth-stack/service/testing';
import { createOtlpReceiver } from '@aauth-stack/telemetry/testing';
import { expect, onTestFinished, test } from 'vitest';
import { newAgent, signRequest } from '../test/agent.ts';
import { startPersonServer } from '../test/person-server.ts';

const directory = new URL('..', import.meta.url);
const rotateCommand = ['src/keys/rotate-command.ts'];
const waitLong = { timeout: 60_000, interval: 50 };

test('the process serves, rotates its key on command, traces verifications without secrets, and stops', {
  // Starts several processes, one after the other.
  timeout: 180_000,
}, async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const receiver = await createOtlpReceiver();
  onTestFinished(() => receiver.close());
  const port = await freePort();
  const issuer = parseServerIdentifier(`http://agent-provider.localhost:${port}`, { allowLoopback: true });
  const fetch = createHttpFetch();
  onTestFinished(() => fetch.close());
  const personServer = await startPersonServer({
    provider: issuer,
    now: systemClock,
    log: captureLog().log,
    send: fetch,
  });
  onTestFinished(() => personServer.close());
  const environment = {
    PORT: String(port),
    DATABASE_URL: database.url,
    AGENT_PROVIDER_URL: issuer,
    PERSON_SERVER_URL: personServer.identifier,
    AAUTH_OPERATOR_TOKEN: 'operator-token-of-this-test',
    AAUTH_AS_CLIENT_NAME: 'Known Demo',
    OTEL_SERVICE_NAME: 'agent-provider',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    OTEL_BSP_SCHEDULE_DELAY: '50',
  };
  const service = startProcess({ directory, environment });
  await expect.poll(async () => (await fetch(`${issuer}/readyz`).catch(() => undefined))?.status, waitLong).toBe(200);

  const agent = await newAgent();
  const body = { agent_name: 'Traced' };
  const request = await signRequest(issuer, agent, systemClock, { method: 'POST', path: '/register', body });
  const accepted = await fetch(`${issuer}/register`, request);
  const replayed = await fetch(`${issuer}/register`, request);
  expect([accepted.status, replayed.status]).toEqual([202, 401]);
  await expect.poll(() => personServer.events, waitLong).toMatchObject([{ event: 'registration.created' }]);

  const rotation = startProcess({ directory, environment, arguments: rotateCommand });
  expect(await rotation.ended).toBe(0);
  expect(rotation.output()).toMatch(/"kid":"ap-\d{6}-[0-9a-f]{8}","retired":"ap-/);

  const spans = await receiver.waitFor((all) => all.some(({ name }) => name === 'aauth.verify'), 60_000);
  const verification = spans.find(({ name }) => name === 'aauth.verify');
  expect(verification?.attributes).toMatchObject({
    'aauth.result': 'verified',
    'aauth.scheme': 'jkt-jwt',
    'aauth.jkt': agent.ephemeralKey.thumbprint,
    'aauth.resource': issuer,
    'aauth.signature.components': expect.arrayContaining(['@method', '@authority', '@path', 'signature-key']),
  });
  const server = spans.find(({ spanId }) => spanId === verification?.parentSpanId);
  expect(server).toMatchObject({ service: 'agent-provider', kind: 'server', name: 'POST /register' });
  const jwt = /jwt="([^"]+)"/.exec(request.headers.get('signature-key') ?? '')?.[1] ?? 'none';
  expect(receiver.wire().includes(jwt)).toBe(false);
  expect(service.output()).toContain('AAUTH_AS_CLIENT_NAME is a former name of AGENT_PROVIDER_NAME');
  expect(service.output()).not.toContain(jwt);
  expect(service.output()).not.toContain(environment.AAUTH_OPERATOR_TOKEN);

  expect(await service.terminate()).toBe(0);
});

test('what hinders the process from starting it says in one line, and exits with 1', async () => {
  const wrong: Record<string, string>[] = [
    { DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/x' },
    {},
    { DATABASE_URL: 'postgres://u@127.0.0.1:1/x', AAUTH_OPERATOR_TOKEN: 'short' },
  ];
  const complaints = wrong.map(async (environment) => {
    const service = startProcess({ directory, environment });
    expect(await service.ended).toBe(1);
    const lines = service.output().trimEnd().split('\n');
    return lines.filter((line) => !line.startsWith('{'));
  });
  expect(await Promise.all(complaints)).toEqual([
    [expect.stringMatching(/DATABASE_URL=postgres:\/\/u:\*\*\*@/)],
    [expect.stringContaining('DATABASE_URL is not set')],
    [expect.stringContaining('AAUTH_OPERATOR_TOKEN="***" is wrong')],
  ]);
});

test('the rotate command says what is missing', async () => {
  const rotation = startProcess({ directory, environment: {}, arguments: rotateCommand });
  expect(await rotation.ended).toBe(1);
  expect(rotation.output()).toContain('AAUTH_OPERATOR_TOKEN is not set');
});
