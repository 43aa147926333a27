import { z } from 'zod';

/** A span as it arrived at the receiver. */
export interface ReceivedSpan {
  /** `service.name` of the process that sent it. */
  service: string;
  name: string;
  kind: 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  traceId: string;
  spanId: string;
  /** Undefined for the root of a trace. */
  parentSpanId: string | undefined;
  attributes: Attributes;
  events: { name: string; attributes: Attributes }[];
  links: { traceId: string; spanId: string }[];
  status: { code: 'unset' | 'ok' | 'error'; message: string };
  durationMs: number;
}

type Attributes = Record<string, unknown>;

const bytes = z
  .array(z.number())
  .default([])
  .transform((values) => Buffer.from(values).toString('hex'));
const nanoseconds = z.string().transform(BigInt);

const anyValue = z.union([
  z.object({ stringValue: z.string() }).transform(({ stringValue }) => stringValue),
  z.object({ boolValue: z.boolean() }).transform(({ boolValue }) => boolValue),
  z.object({ intValue: z.string() }).transform(({ intValue }) => Number(intValue)),
  z.object({ doubleValue: z.number() }).transform(({ doubleValue }) => doubleValue),
  z
    .object({ arrayValue: z.object({ values: z.array(z.object({ stringValue: z.string() })) }) })
    .transform(({ arrayValue }) => arrayValue.values.map(({ stringValue }) => stringValue)),
  z.unknown(),
]);

const attributes = z
  .array(z.object({ key: z.string(), value: anyValue }))
  .transform((pairs): Attributes => Object.fromEntries(pairs.map(({ key, value }) => [key, value])));

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const statusCodes = ['unset', 'ok', 'error'] as const;

const span = z.object({
  traceId: bytes,
  spanId: bytes,
  parentSpanId: bytes,
  name: z.string(),
  kind: z.number().transform((kind) => kinds[kind] ?? 'unspecified'),
  startTimeUnixNano: nanoseconds,
  endTimeUnixNano: nanoseconds,
  attributes,
  events: z.array(z.object({ name: z.string(), attributes })),
  links: z.array(z.object({ traceId: bytes, spanId: bytes })),
  status: z.object({ code: z.number().default(0), message: z.string().default('') }).default({ code: 0, message: '' }),
});

const exportRequest = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(span) })),
    }),
  ),
});

/** The spans of a decoded export request. */
export function receivedSpans(request: unknown): ReceivedSpan[] {
  return exportRequest.parse(request).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ startTimeUnixNano, endTimeUnixNano, parentSpanId, status, ...rest }) => ({
        ...rest,
        service: String(resource.attributes['service.name']),
        parentSpanId: parentSpanId === '' ? undefined : parentSpanId,
        status: { code: statusCodes[status.code] ?? 'unset', message: status.message },
        durationMs: Number(endTimeUnixNano - startTimeUnixNano) / 1e6,
      })),
    ),
  );
}
