import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { withSpan } from './spans.ts';
import { linkSpan, traceParent } from './trace-context.ts';
import { startTracing } from './tracing.ts';

const exporter = new InMemorySpanExporter();
const tracing = startTracing({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
afterAll(() => tracing.shutdown());
beforeEach(() => exporter.reset());

test('a span is linked to one of another trace', async () => {
  const request = await withSpan('request', {}, () => traceParent());
  await withSpan('decision', {}, () => linkSpan(request));
  const [asked, decided] = exporter.getFinishedSpans();
  expect(decided?.links.map(({ context }) => [context.traceId, context.spanId])).toEqual([
    [asked?.spanContext().traceId, asked?.spanContext().spanId],
  ]);
  expect(decided?.spanContext().traceId).not.toBe(asked?.spanContext().traceId);
});

test('what names no span is linked to nothing', async () => {
  await withSpan('decision', {}, () => {
    linkSpan(undefined);
    linkSpan('nonsense');
  });
  expect(exporter.getFinishedSpans()[0]?.links).toEqual([]);
});
