/** A span as Jaeger tells it, with what belongs together put together. */
export interface JaegerSpan {
  id: string;
  parentId: string | undefined;
  service: string;
  operation: string;
  attributes: Readonly<Record<string, unknown>>;
  /** Attributes of each event, its name among them as `event`. */
  events: ReadonlyArray<Readonly<Record<string, unknown>>>;
}

interface KeyValue {
  key: string;
  type: string;
  value: unknown;
}

interface ApiTrace {
  traceID: string;
  processes: Record<string, { serviceName: string }>;
  spans: Array<{
    spanID: string;
    processID: string;
    operationName: string;
    references: Array<{ refType: string; traceID: string; spanID: string }>;
    tags: KeyValue[];
    logs: Array<{ fields: KeyValue[] }>;
  }>;
}

/** The traces in which a service took part in a run, from Jaeger's HTTP API. */
export async function tracesOf(api: string, service: string, requestId: string): Promise<JaegerSpan[][]> {
  const query = new URLSearchParams({ service, tags: JSON.stringify({ request_id: requestId }), limit: '20' });
  const response = await fetch(`${api}/api/traces?${query}`);
  const text = await response.text();
  if (!response.ok) throw new Error(`Jaeger answered ${response.status}: ${text}`);
  const { data }: { data: ApiTrace[] | null } = JSON.parse(text);
  return (data ?? []).map(spansOf);
}

function spansOf({ traceID, processes, spans }: ApiTrace): JaegerSpan[] {
  return spans.map((span) => ({
    id: span.spanID,
    parentId: span.references.find((reference) => reference.refType === 'CHILD_OF' && reference.traceID === traceID)
      ?.spanID,
    service: processes[span.processID]?.serviceName ?? '',
    operation: span.operationName,
    attributes: record(span.tags),
    events: span.logs.map(({ fields }) => record(fields)),
  }));
}

function record(values: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(values.map(({ key, value }) => [key, value]));
}
