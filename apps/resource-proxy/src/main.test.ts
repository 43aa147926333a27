import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createOtlpReceiver, type ReceivedSpan } from '@aauth-stack/telemetry/testing';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { startAgentProvider } from './testing/agent-provider.ts';
import { send, signedRequest } from './testing/client.ts';
import { freePort, startBackend } from './testing/servers.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'resource-proxy-main-'));
const secret = 'a-secret-of-the-tests-0123456789abcdef';

afterAll(() => rmSync(directory, { recursive: true }));

function runToEnd(environment: Record<string, string>): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main], { env: environment, timeout: 20_000 }, (_error, _stdout, stderr) =>
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
  }, 30_000);

  test('traces each check with its facts, joins the caller’s trace, and stops on SIGTERM', async () => {
    await using cleanup = new AsyncDisposableStack();
    const receiver = await createOtlpReceiver();
    cleanup.defer(() => receiver.close());
    const now = () => Date.now() / 1000;
    const provider = await startAgentProvider('agent-provider', now);
    cleanup.defer(provider.close);
    const backend = await startBackend();
    cleanup.defer(backend.close);
    const [gatewayPort, apiPort] = [await freePort(), await freePort()];
    const child = spawn(process.execPath, ['--import', '@aauth-stack/telemetry/register', main], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      env: {
        AAUTH_PROXY_SECRET: secret,
        AGENT_PROVIDER_URL: provider.issuer,
        GATEWAY_PORT: String(gatewayPort),
        RESOURCE_API_PORT: String(apiPort),
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
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const request = await signedRequest({
      authority,
      key: agent.key,
      token: agent.token,
      created: Math.floor(now()),
      headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01`, baggage: 'request_id=run-1' },
    });
    expect((await send(gatewayPort, request)).status).toBe(200);
    const refused = await send(gatewayPort, { ...request, body: `${request.body} ` });
    expect(refused.status).toBe(401);

    const checks = (spans: readonly ReceivedSpan[]) => spans.filter(({ name }) => name === 'aauth.verify');
    const spans = await receiver.waitFor((all) => checks(all).length === 2);
    const [allowed, error] = checks(spans);
    expect(allowed).toMatchObject({
      traceId,
      attributes: {
        'aauth.result': 'allowed',
        'aauth.level': 'identified',
        'aauth.scheme': 'jwt',
        'aauth.token.type': 'aa-agent+jwt',
        'aauth.agent': agent.id,
        'aauth.jkt': agent.key.thumbprint,
        'aauth.resource': `http://${authority}`,
        'aauth.signature.components': expect.arrayContaining(['@method', '@authority', '@path', 'signature-key']),
        'aauth.signature.base': expect.stringContaining('"@method": POST'),
        request_id: 'run-1',
      },
    });
    expect(error?.attributes).toMatchObject({ 'aauth.result': 'error', 'aauth.error': 'invalid_signature' });
    const server = spans.find(({ spanId }) => spanId === allowed?.parentSpanId);
    expect(server).toMatchObject({ name: 'POST /', parentSpanId: 'b7ad6b7169203331' });
    const [received] = backend.received;
    expect(received?.headers.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    expect(received?.headers.baggage).toBe('request_id=run-1');
    const [, , tokenSignature = ''] = agent.token.split('.');
    for (const hidden of [tokenSignature, secret, request.headers.signature?.slice(5, -1) ?? '']) {
      expect(receiver.wire().includes(hidden)).toBe(false);
    }

    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  }, 30_000);
});
