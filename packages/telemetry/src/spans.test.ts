import { context, propagation } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { requestIdProcessor, tokenGuardProcessor } from './span-processors.ts';
import { currentSpan, withRequestId, withSpan } from './spans.ts';
import { startTracing } from './tracing.ts';

const exporter = new InMemorySpanExporter();
const tracing = startTracing({
  spanProcessors: [requestIdProcessor(), tokenGuardProcessor(), new SimpleSpanProcessor({ exporter })],
});
afterAll(() => tracing.shutdown());
beforeEach(() => exporter.reset());

const token = `eyJ${'a'.repeat(20)}.${'b'.repeat(20)}.${'c'.repeat(20)}`;
const cut = `eyJ${'a'.repeat(20)}.${'b'.repeat(20)}.…`;

class Refusal extends Error {
  override name = 'Refusal';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

test('withSpan gives the result and ends the span', async () => {
  const result = await withSpan('work', { 'aauth.result': 'verified' }, async (span) => {
    expect(currentSpan()).toBe(span);
    return 42;
  });
  expect(result).toBe(42);
  const [span] = exporter.getFinishedSpans();
  expect(span).toMatchObject({ name: 'work', attributes: { 'aauth.result': 'verified' }, status: { code: 0 } });
});

test.each([
  ['the code of an error', new Refusal('expired_jwt', `${token} has expired`), 'expired_jwt', `${cut} has expired`],
  ['the name of an error without code', new TypeError('no'), 'TypeError', 'no'],
])('withSpan records an error with %s as error.type, and throws it on', async (_what, error, type, message) => {
  await expect(withSpan('work', {}, () => Promise.reject(error))).rejects.toBe(error);
  const [span] = exporter.getFinishedSpans();
  expect(span?.status).toEqual({ code: 2, message });
  expect(span?.attributes).toMatchObject({ 'error.type': type });
  expect(span?.events[0]).toMatchObject({
    name: 'exception',
    attributes: { 'exception.type': error.name, 'exception.message': message },
  });
  expect(JSON.stringify(span?.events)).not.toContain(token);
});

test('withRequestId marks the current span and every span below it', async () => {
  await withSpan('outer', {}, () =>
    withRequestId('run-1', async () => {
      expect(propagation.getBaggage(context.active())?.getEntry('request_id')?.value).toBe('run-1');
      await withSpan('inner', {}, () => {});
    }),
  );
  expect(propagation.getBaggage(context.active())).toBeUndefined();
  const spans = exporter.getFinishedSpans();
  expect(spans.map(({ name, attributes }) => [name, attributes.request_id])).toEqual([
    ['inner', 'run-1'],
    ['outer', 'run-1'],
  ]);
});

test('a complete token that was put on a span or an event does not leave the process', async () => {
  await withSpan('work', { note: `Bearer ${token}` }, (span) => {
    span.addEvent('exchanged', { got: token });
  });
  const [span] = exporter.getFinishedSpans();
  expect(span?.attributes).toEqual({ note: `Bearer ${cut}` });
  expect(span?.events[0]?.attributes).toEqual({ got: cut });
});
