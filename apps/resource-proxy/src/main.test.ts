import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseRequirement } from '@aauth-stack/aauth/requirement';
import { createOtlpReceiver, type ReceivedSpan } from '@aauth-stack/telemetry/testing';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { startAgentProvider } from './testing/agent-provider.ts';
import { send, signedRequest } from './testing/client.ts';
import { checkMessage, createCheckClient } from './testing/ext-authz-client.ts';
import { startPersonServer, subject } from './testing/person-server.ts';
import { makeResourceKeys } from './testing/proxy.ts';
import { freePort, startBackend } from './testing/servers.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const inInfra = (file: string) => fileURLToPath(new URL(`../../../infra/gateway/${file}`, import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'resource-proxy-main-'));
const secret = 'a-secret-of-the-tests-0123456789abcdef';

afterAll(() => rmSync(directory, { recursive: true }));

function runToEnd(environment: Record<string, string>): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main], { env: environment, timeout: 50_000 }, (_error, _stdout, stderr) =>
      resolve({ code: child.exitCode, stderr }),
    );
  });
}

describe('the process', () => {
  const broken = join(directory, 'broken.yaml');
  writeFileSync(broken, 'binds:\n  - port: http\n    listeners: []\n');

  test('a wrong config stops the start with exit 1 and one reason', async () => {
    const { code, stderr } = await runToEnd({ AAUTH_PROXY_SECRET: secret, GATEWAY_CONFIG: broken });
    expect(code).toBe(1);
    expect(stderr).toMatch(/broken\.yaml:2: binds\[0\]\.port: a port number is expected/);
    expect(stderr).not.toContain('    at ');
  });

  test('traces each check with what it found out, joins the caller’s trace, and stops on SIGTERM', async () => {
    await using cleanup = new AsyncDisposableStack();
    const receiver = await createOtlpReceiver();
    cleanup.defer(() => receiver.close());
    const now = () => Date.now() / 1000;
    const provider = await startAgentProvider('agent-provider', now);
    cleanup.defer(provider.close);
    const personServer = await startPersonServer('person-server', now);
    cleanup.defer(personServer.close);
    const backend = await startBackend();
    cleanup.defer(backend.close);
    await makeResourceKeys(directory);
    const [gatewayPort, apiPort, grpcPort] = [await freePort(), await freePort(), await freePort()];
    const child = spawn(process.execPath, ['--import', '@aauth-stack/service/register', main], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      env: {
        AAUTH_PROXY_SECRET: secret,
        GATEWAY_CONFIG: inInfra('config-policy.yaml'),
        AAUTH_CONFIG: inInfra('aauth-config-mode3.yaml'),
        AAUTH_KEY_DIR: directory,
        AGENT_PROVIDER_URL: provider.issuer,
        PERSON_SERVER_URL: personServer.issuer,
        GATEWAY_PORT: String(gatewayPort),
        RESOURCE_API_PORT: String(apiPort),
        EXT_AUTHZ_PORT: String(grpcPort),
        SUPPLY_CHAIN_AGENT_PORT: String(backend.port),
        OTEL_SERVICE_NAME: 'resource-proxy',
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
        OTEL_BSP_SCHEDULE_DELAY: '50',
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    // Also after a timeout, which leaves this function where it waits.
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    for await (const line of createInterface(child.stdout)) if (line.includes(`:${gatewayPort}"`)) break;
    child.stdout.resume();

    const agent = await provider.agent();
    const authority = `supply-chain-agent.localhost:${gatewayPort}`;
    const resource = `http://${authority}`;
    const person = await personServer.person(agent, resource);
    const granted = await personServer.grant(agent, resource);
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const request = (token: string, target = '/') =>
      signedRequest({
        target,
        authority,
        key: agent.key,
        token,
        created: Math.floor(now()),
        headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01`, baggage: 'request_id=run-1' },
      });
    const last = await request(granted.token);
    const answers = [];
    for (const sent of [await request(agent.token), await request(person.token), last, { ...last, body: '{}' }]) {
      answers.push(await send(gatewayPort, sent));
    }
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 200, 401]);
    const elsewhere = createCheckClient(grpcPort);
    expect(await elsewhere.check(checkMessage(await request(granted.token, '/?at=elsewhere')))).toMatchObject({
      code: 0,
    });
    elsewhere.close();

    const checks = (spans: readonly ReceivedSpan[]) => spans.filter(({ name }) => name === 'aauth.verify');
    const spans = await receiver.waitFor((all) => checks(all).length === 5);
    const [identified, challenged, allowed, error, atAnotherGateway] = checks(spans);
    for (const span of [identified, challenged, allowed, atAnotherGateway]) {
      expect(span).toMatchObject({
        traceId,
        attributes: {
          'aauth.scheme': 'jwt',
          'aauth.jkt': agent.key.thumbprint,
          'aauth.resource': resource,
          'aauth.signature.components': expect.arrayContaining(['@method', '@authority', '@path', 'signature-key']),
          'aauth.signature.base': expect.stringContaining('"@method": POST'),
          request_id: 'run-1',
        },
      });
    }
    expect(identified?.attributes).toMatchObject({
      'aauth.result': 'challenged',
      'aauth.level': 'identified',
      'aauth.token.type': 'aa-agent+jwt',
      'aauth.agent': agent.id,
      'aauth.requirement': 'person-token',
    });
    expect(challenged?.attributes).toMatchObject({
      'aauth.result': 'challenged',
      'aauth.level': 'person',
      'aauth.token.type': 'aa-person+jwt',
      'aauth.person.iss': personServer.issuer,
      'aauth.person.sub': subject,
      'aauth.requirement': 'auth-token',
      'aauth.error': 'auth_token_required',
    });
    const [event] = challenged?.events ?? [];
    expect(event).toMatchObject({
      name: 'aauth.challenge',
      attributes: { 'aauth.requirement': 'auth-token', 'aauth.token.type': 'aa-resource+jwt' },
    });
    expect(JSON.parse(String(event?.attributes['aauth.token.claims']))).toMatchObject({
      iss: resource,
      aud: personServer.issuer,
      presented_jti: person.jti,
      agent_jkt: agent.key.thumbprint,
      scope: 'supply-chain:check supply-chain:read',
    });
    expect(allowed?.attributes).toMatchObject({
      'aauth.result': 'allowed',
      'aauth.level': 'authorized',
      'aauth.token.type': 'aa-auth+jwt',
      'aauth.person.sub': subject,
      'aauth.scope': ['supply-chain:check', 'supply-chain:read'],
    });
    expect(error?.attributes).toMatchObject({
      'aauth.result': 'error',
      'aauth.error': 'invalid_signature',
      // As the request claims: nothing of it is verified.
      'aauth.token.type': 'aa-auth+jwt',
    });
    const server = spans.find(({ spanId }) => spanId === allowed?.parentSpanId);
    expect(server).toMatchObject({ name: 'POST /', parentSpanId: 'b7ad6b7169203331' });
    // Its gateway has made no span of its own.
    expect(atAnotherGateway?.parentSpanId).toBe('b7ad6b7169203331');
    const [received] = backend.received;
    expect(received?.headers.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    expect(received?.headers.baggage).toBe('request_id=run-1');
    const resourceToken = parseRequirement(String(answers[1]?.headers['aauth-requirement']))?.parameters[
      'resource-token'
    ];
    const signatures = [agent.token, person.token, granted.token, resourceToken].map((token) => token?.split('.')[2]);
    for (const hidden of [...signatures, secret, last.headers.signature?.slice(5, -1)]) {
      expect(hidden).toMatch(/^\S{32,}$/);
      expect(receiver.wire().includes(hidden ?? '')).toBe(false);
    }

    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});
