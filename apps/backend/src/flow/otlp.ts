import { z } from 'zod';
import { type Attributes, type AttributeValue, type Span, type SpanKind, spanKinds } from './span.ts';

/** Longest text that is kept of one attribute. Headers are no longer than 32 KiB, and this is not for anything else. */
const maxText = 32_768;

const text = z.string().transform((value) => value.slice(0, maxText));
const id = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^[0-9a-fA-F]{${bytes * 2}}$`))
    .toLowerCase();
/** The last moment that a Date knows, in nanoseconds since the epoch. */
const latestTime = 8.64e21;
const nanoseconds = z
  .union([z.string().regex(/^\d{1,20}$/), z.number().nonnegative().max(latestTime)])
  .transform((value) => toMs(value));

const scalar = z.union([
  z.object({ stringValue: text }).transform(({ stringValue }) => stringValue),
  z.object({ boolValue: z.boolean() }).transform(({ boolValue }) => boolValue),
  z.object({ intValue: z.union([z.string(), z.number()]) }).transform(({ intValue }) => Number(intValue)),
  z.object({ doubleValue: z.number() }).transform(({ doubleValue }) => doubleValue),
]);

const anyValue = z.union([
  scalar,
  z
    .object({ arrayValue: z.object({ values: z.array(scalar).max(256).optional() }) })
    .transform(({ arrayValue }) => (arrayValue.values ?? []).map(String)),
  // Other kinds of value are nothing that a flow shows.
  z.unknown().transform(() => undefined),
]);

const attributes = z
  .array(z.object({ key: z.string().max(256), value: anyValue }))
  .max(512)
  .optional()
  .transform((pairs = []): Attributes => {
    const known = pairs.filter((pair): pair is { key: string; value: AttributeValue } => pair.value !== undefined);
    return Object.fromEntries(known.map(({ key, value }) => [key, value]));
  });

const kind = z
  .number()
  .optional()
  .transform((number): SpanKind => spanKinds[number ?? 0] ?? 'internal');

const span = z
  .object({
    traceId: id(16),
    spanId: id(8),
    parentSpanId: z.union([id(8), z.literal('')]).optional(),
    name: text,
    kind,
    startTimeUnixNano: nanoseconds,
    endTimeUnixNano: nanoseconds.optional(),
    attributes,
    events: z
      .array(z.object({ name: text, timeUnixNano: nanoseconds, attributes }))
      .max(512)
      .optional(),
    links: z
      .array(z.object({ traceId: id(16), spanId: id(8) }))
      .max(128)
      .optional(),
    status: z.object({ code: z.number().optional(), message: text.optional() }).optional(),
  })
  .transform(({ parentSpanId, startTimeUnixNano, endTimeUnixNano, events, links, status, ...rest }) => ({
    ...rest,
    parentSpanId: parentSpanId || null,
    start: startTimeUnixNano,
    end: endTimeUnixNano || null,
    events: (events ?? []).map(({ timeUnixNano, ...event }) => ({ ...event, time: timeUnixNano })),
    links: links ?? [],
    failure: status?.code === errorCode ? (status.message ?? '') : null,
  }));

const errorCode = 2;

const exportRequest = z.object({
  resourceSpans: z
    .array(
      z.object({
        resource: z.object({ attributes }).optional(),
        scopeSpans: z.array(z.object({ spans: z.array(span).optional() })).optional(),
      }),
    )
    .optional(),
});

/** Reads an `ExportTraceServiceRequest` in OTLP's JSON encoding; undefined when it is not one. */
export function parseExportRequest(body: unknown): Span[] | undefined {
  const parsed = exportRequest.safeParse(body);
  return parsed.data?.resourceSpans?.flatMap(({ resource, scopeSpans = [] }) => {
    const service = String(resource?.attributes['service.name'] ?? 'unknown');
    return scopeSpans.flatMap(({ spans = [] }) => spans.map((one): Span => ({ service, ...one })));
  });
}

/** Milliseconds since the epoch, with what a double holds of the rest. */
function toMs(value: string | number): number {
  return typeof value === 'number' ? value / 1e6 : Number(BigInt(value) / 1000n) / 1000;
}
