import type { ReceivedSpan } from '@aauth-stack/telemetry/testing';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { endOf, startRun } from '../support/backend.ts';
import { callerOf, traceOf } from '../support/trace.ts';
import { until } from '../support/until.ts';

/** Who calls whom in one run, in order of the chain. */
const edges = [
  ['supply-chain-backend', 'resource-proxy'],
  ['resource-proxy', 'supply-chain-agent'],
  ['supply-chain-agent', 'resource-proxy'],
  ['resource-proxy', 'market-analysis-agent'],
  ['market-analysis-agent', 'resource-proxy'],
  ['resource-proxy', 'inventory-mcp'],
] as const;

let requestId: string;
let trace: ReceivedSpan[];

beforeAll(async () => {
  requestId = await startRun({ prompt: 'perform market analysis' });
  await endOf(requestId);
  trace = await until('the spans of the run', async () => {
    const spans = await traceOf(requestId);
    const complete = edges.every(([from, to]) =>
      spans.some((span) => span.service === to && callerOf(span, spans) === from),
    );
    // Services deliver their spans each in its own time, and a caller's may come after those that it caused.
    const isWhole = rootsOf(spans).every(({ parentSpanId }) => parentSpanId === undefined);
    return complete && isWhole && spans.some(({ name }) => name.startsWith('POST /optimization/start')) && spans;
  });
});

/** The spans whose parents are not among them. */
function rootsOf(spans: readonly ReceivedSpan[]): ReceivedSpan[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans.filter(({ parentSpanId }) => parentSpanId === undefined || !ids.has(parentSpanId));
}

describe('the trace of a run', () => {
  it('has one root, the request that started it', () => {
    expect(rootsOf(trace).map(({ service, name }) => [service, name])).toEqual([
      ['supply-chain-backend', 'POST /optimization/start'],
    ]);
  });

  it.each(edges)('goes from %s to %s', (from, to) => {
    expect(trace.some((span) => span.service === to && callerOf(span, trace) === from)).toBe(true);
  });

  it('names the run on every span below the start', () => {
    const below = trace.filter(({ service }) => service !== 'supply-chain-backend');
    expect(below.length).toBeGreaterThan(8);
    for (const span of below) expect([span.name, span.attributes.request_id]).toEqual([span.name, requestId]);
  });

  it('says on each verification who was verified, and by what', () => {
    const verifications = trace.filter(
      ({ service, attributes }) => service === 'resource-proxy' && attributes['aauth.level'] !== undefined,
    );
    const agents = verifications.map(({ attributes }) => String(attributes['aauth.agent']));
    expect(new Set(agents.map((agent) => agent.split('-')[0]))).toEqual(
      new Set(['aauth:backend', 'aauth:supply', 'aauth:market']),
    );
    for (const { attributes } of verifications) {
      expect(attributes).toMatchObject({
        'aauth.level': 'identified',
        'aauth.scheme': 'jwt',
        'aauth.token.type': 'aa-agent+jwt',
        'aauth.jkt': expect.stringMatching(/^[\w-]{43}$/),
        'aauth.signature.components': expect.arrayContaining([
          '@method',
          '@authority',
          '@path',
          '@query',
          'signature-key',
        ]),
      });
      const claims = JSON.parse(String(attributes['aauth.token.claims']));
      expect(claims).toMatchObject({ iss: 'http://agent-provider.localhost:8766', dwk: 'aauth-agent.json' });
      // An MCP session is ended with DELETE; all else is a POST.
      expect(String(attributes['aauth.signature.base'])).toMatch(/"@method": (?:POST|DELETE)$/m);
    }
  });

  it('shows which tools of the inventory were called, and for whom', () => {
    const calls = trace.filter(({ service, name }) => service === 'inventory-mcp' && name.startsWith('tools/call '));
    expect(new Set(calls.map(({ name }) => name))).toEqual(
      new Set([
        'tools/call get_inventory_levels',
        'tools/call get_hiring_forecast',
        'tools/call get_refresh_cycles',
        'tools/call get_growth_projections',
        'tools/call get_market_trends',
      ]),
    );
    for (const { attributes } of calls) {
      expect(attributes['aauth.agent']).toMatch(/^aauth:market-analysis-agent-/);
    }
    const atGateway = trace.filter(({ service }) => service === 'resource-proxy').map(({ name }) => name);
    expect(atGateway).toEqual(
      expect.arrayContaining([
        'mcp initialize',
        'mcp tools/list',
        'mcp tools/call get_inventory_levels',
        expect.stringMatching(/^a2a (?:SendStreamingMessage|SendMessage|message\/(?:send|stream))$/),
      ]),
    );
  });

  it('carries no private key, no signature and no complete token', async () => {
    const everything = await (await fetch(inject('spansUrl'))).text();
    expect(everything).not.toMatch(/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{20,}/);
    expect(everything).not.toMatch(/"d\\?":\\?"[\w-]{43}/);
    expect(everything).not.toMatch(/PRIVATE KEY/);
    expect(everything).not.toMatch(/sig=:[A-Za-z0-9+/=]{40,}:/);
  });
});
