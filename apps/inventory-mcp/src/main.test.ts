import { proxySecretHeader } from '@aauth-stack/aauth/resource';
import { createTestDatabase, startProcess } from '@aauth-stack/service/testing';
import { createOtlpReceiver } from '@aauth-stack/telemetry/testing';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { person } from '../test/inventory.ts';

const directory = new URL('..', import.meta.url);
const traceId = '0af7651916cd43dd8448eb211c80319c';

describe('the process', () => {
  it('answers, continues the trace of its caller, and stops on SIGTERM while a stream is open', async () => {
    const database = await createTestDatabase();
    onTestFinished(() => database.drop());
    const receiver = await createOtlpReceiver();
    onTestFinished(() => receiver.close());
    const headers: Record<string, string> = {
      ...person('alice'),
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
      baggage: 'request_id=run-1',
    };
    const service = startProcess({
      directory,
      environment: {
        INVENTORY_PORT: '0',
        AAUTH_PROXY_SECRET: headers[proxySecretHeader] ?? '',
        DATABASE_URL: database.url,
        OTEL_SERVICE_NAME: 'inventory-mcp',
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
        OTEL_BSP_SCHEDULE_DELAY: '50',
      },
    });
    const client = new Client({ name: 'test', version: '1' });
    const url = new URL('/mcp', await service.url);
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
    onTestFinished(() => client.close());
    await client.callTool({ name: 'get_market_trends', arguments: {} });
    const spans = await receiver.waitFor((all) => all.some(({ name }) => name === 'tools/call get_market_trends'));
    const span = spans.find(({ name }) => name === 'tools/call get_market_trends');
    expect(span).toMatchObject({
      traceId,
      service: 'inventory-mcp',
      attributes: {
        'mcp.method.name': 'tools/call',
        'gen_ai.tool.name': 'get_market_trends',
        'aauth.level': 'authorized',
        'aauth.person.sub': 'alice',
        request_id: 'run-1',
      },
    });
    expect(await service.terminate()).toBe(0);
  });

  it('W8: without a database, or with wrong settings, it ends with one line that says so', async () => {
    const secret = 'proxy-secret-of-the-tests-0123456789';
    const down = startProcess({
      directory,
      environment: { AAUTH_PROXY_SECRET: secret, DATABASE_URL: 'postgres://me:hidden@127.0.0.1:1/inventory' },
    });
    expect(await down.ended).toBe(1);
    expect(down.output().trim()).toMatch(
      /^inventory-mcp cannot start: cannot use the database .*nothing answers there/,
    );
    expect(down.output()).not.toContain('hidden');
    const wrong = startProcess({ directory, environment: { AAUTH_PROXY_SECRET: 'short', INVENTORY_PORT: 'nine' } });
    expect(await wrong.ended).toBe(1);
    for (const name of ['AAUTH_PROXY_SECRET', 'INVENTORY_PORT', 'DATABASE_URL']) expect(wrong.output()).toContain(name);
    expect(wrong.output().trim().split('\n')).toHaveLength(1);
  });
});
