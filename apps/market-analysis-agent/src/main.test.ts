import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createA2AClient } from '@aauth-stack/a2a/client';
import { startProcess, type TestProcess } from '@aauth-stack/service/testing';
import { createOtlpReceiver } from '@aauth-stack/telemetry/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { caller, proxySecret, throughProxy } from '../test/forwarded.ts';

const cleanups: (() => unknown)[] = [];
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'market-analysis-agent-'));
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await rm(directory, { recursive: true });
});

function start(environment: Record<string, string>): TestProcess {
  return startProcess({
    directory: new URL('..', import.meta.url),
    environment: {
      MARKET_ANALYSIS_AGENT_PORT: '0',
      AAUTH_PROXY_SECRET: proxySecret,
      STABLE_KEY_FILE: join(directory, 'stable.pem'),
      PROVIDER_KEY_FILE: join(directory, 'provider.pem'),
      OTEL_SERVICE_NAME: 'market-analysis-agent',
      AGENT_PROVIDER_URL: 'http://127.0.0.1:1',
      ...environment,
    },
  });
}

describe('the process', () => {
  it('continues the trace of its caller, and says why there is no analysis when it has no agent token', async () => {
    const receiver = await createOtlpReceiver();
    cleanups.push(() => receiver.close());
    const service = start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint });
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const traced: typeof fetch = (input, init) => {
      const request = new Request(input, init);
      request.headers.set('traceparent', `00-${traceId}-b7ad6b7169203331-01`);
      return throughProxy(request);
    };
    const sent = createA2AClient({ url: await service.url, fetch: traced }).send('perform market analysis');
    await expect(sent).rejects.toThrow(/inventory\.localhost:3000 could not be read.*There is no valid agent token/);
    expect(await service.terminate()).toBe(0);

    const names = ['market_analysis_agent.invoke', 'market_analysis_agent.read_inventory'];
    const spans = await receiver.waitFor((all) => names.every((name) => all.some((span) => span.name === name)));
    const [invoke, reading] = names.map((name) => spans.find((span) => span.name === name));
    expect(invoke).toMatchObject({
      traceId,
      service: 'market-analysis-agent',
      attributes: { 'aauth.agent': caller, 'aauth.level': 'identified' },
    });
    expect(spans.find((span) => span.spanId === invoke?.parentSpanId)).toMatchObject({ kind: 'server', traceId });
    expect(reading).toMatchObject({ parentSpanId: invoke?.spanId });
  });

  it('W8: a key file that others can read ends it with one line that says what to do', async () => {
    const file = join(directory, 'stable.pem');
    await writeFile(file, '');
    await chmod(file, 0o644);
    const service = start({});
    expect(await service.ended).toBe(1);
    const complaint = service.output().trim();
    expect(complaint.split('\n')).toHaveLength(1);
    expect(complaint).toContain(`STABLE_KEY_FILE=${file} cannot be used`);
    expect(complaint).toContain(`chmod 600`);
  });
});
