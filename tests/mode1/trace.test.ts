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
    return (
      complete &&
      spans.some(
        ({ name, service }) => service === 'supply-chain-backend' && name.startsWith('POST /optimization/start'),
      ) &&
      spans
    );
  });
});

describe('the trace of a run', () => {
  it('has one root, the request that started it', () => {
    const ids = new Set(trace.map(({ spanId }) => spanId));
    const roots = trace.filter(({ parentSpanId }) => parentSpanId === undefined || !ids.has(parentSpanId));
    expect(roots.map(({ service, name }) => [service, name])).toEqual([
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
    expect(agents.map((agent) => agent.split('-')[0]).sort()).toEqual(['aauth:backend', 'aauth:supply']);
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
      expect(String(attributes['aauth.signature.base'])).toContain('"@method": POST');
    }
  });

  it('carries no private key, no signature and no complete token', async () => {
    const everything = await (await fetch(inject('spansUrl'))).text();
    expect(everything).not.toMatch(/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{20,}/);
    expect(everything).not.toMatch(/"d\\?":\\?"[\w-]{43}/);
    expect(everything).not.toMatch(/PRIVATE KEY/);
    expect(everything).not.toMatch(/sig=:[A-Za-z0-9+/=]{40,}:/);
  });
});
