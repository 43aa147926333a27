/** In the order of OTLP's numbers. */
export const spanKinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

export type SpanKind = (typeof spanKinds)[number];

export type AttributeValue = string | number | boolean | string[];

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** A span as a service has sent it, as far as flows are made of it. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  /** `service.name` of the process that it is of. */
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKind;
  /** Milliseconds since the epoch. */
  readonly start: number;
  /** Null while it goes on. */
  readonly end: number | null;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  /** What the span's status says of its failure; null where it has none. */
  readonly failure: string | null;
}

interface SpanEvent {
  readonly name: string;
  readonly time: number;
  readonly attributes: Attributes;
}

interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
}
