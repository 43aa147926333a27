import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExportRequest } from './otlp.ts';
import { recordedRequest } from './testing/recorded.ts';

const span = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'B7AD6B7169203331',
  name: 'GET',
  kind: 3,
  startTimeUnixNano: '1795299156509123456',
  endTimeUnixNano: '0',
  attributes: [
    { key: 'text', value: { stringValue: 'a' } },
    { key: 'number', value: { intValue: '7' } },
    { key: 'truth', value: { boolValue: true } },
    { key: 'list', value: { arrayValue: { values: [{ stringValue: 'x' }, { stringValue: 'y' }] } } },
    { key: 'map', value: { kvlistValue: { values: [] } } },
  ],
};
const service = { attributes: [{ key: 'service.name', value: { stringValue: 'backend' } }] };
const request = (one: object) => ({ resourceSpans: [{ resource: service, scopeSpans: [{ spans: [one] }] }] });

describe('an export request of OTLP in JSON', () => {
  test('is read to spans; one that has not ended has no end', () => {
    expect(parseExportRequest(request(span))).toEqual([
      {
        service: 'backend',
        traceId: span.traceId,
        spanId: 'b7ad6b7169203331',
        parentSpanId: null,
        name: 'GET',
        kind: 'client',
        start: expect.closeTo(1795299156509.123, 2),
        end: null,
        attributes: { text: 'a', number: 7, truth: true, list: ['x', 'y'] },
        events: [],
        links: [],
        failure: null,
      },
    ]);
  });

  test.each([
    ['no object', 'spans'],
    ['a trace id of another length', request({ ...span, traceId: '0a' })],
    ['a span id that is no hexadecimal', request({ ...span, spanId: 'zzzzzzzzzzzzzzzz' })],
    ['a time that is none', request({ ...span, startTimeUnixNano: 'now' })],
    ['more attributes than a span has', request({ ...span, attributes: Array(600).fill(span.attributes[0]) })],
    ['no list of spans', { resourceSpans: [{ scopeSpans: [{ spans: {} }] }] }],
  ])('is refused with %s', (_what, body) => {
    expect(parseExportRequest(body)).toBeUndefined();
  });

  test('never keeps more of a text than a header can hold', () => {
    const attributes = [{ key: 'text', value: { stringValue: 'x'.repeat(100_000) } }];
    expect(String(parseExportRequest(request({ ...span, attributes }))?.[0]?.attributes.text)).toHaveLength(32_768);
  });

  test('is read or refused, whatever it is', () => {
    fc.assert(fc.property(fc.jsonValue(), (body) => void parseExportRequest(body)));
  });

  test('that services sent is read', () => {
    expect(parseExportRequest(recordedRequest('user-consent'))?.length).toBeGreaterThan(90);
  });
});
