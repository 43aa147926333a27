import { z } from 'zod';

const keyValue = z.object({ key: z.string(), value: z.unknown() });

const span = z.looseObject({
  traceId: z.string(),
  spanId: z.string(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes: z.array(keyValue),
  links: z.array(z.looseObject({ traceId: z.string() })).optional(),
});

const exportRequest = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(keyValue) }),
      scopeSpans: z.array(z.object({ spans: z.array(span) })),
    }),
  ),
});

type Span = z.infer<typeof span>;

/** What a test has no use for, and what is of the machine that recorded. */
const left =
  /^(network\.|client\.|user_agent\.|http\.request\.method_original|http\.request\.body|http\.response\.body)/;

/** The spans that services delivered while a stack was up. */
export function createRecordedSpans() {
  const services = new Map<string, Map<string, Span>>();
  return {
    /** Takes an export request of OTLP in JSON. */
    add(body: unknown): void {
      for (const { resource, scopeSpans } of exportRequest.parse(body).resourceSpans) {
        const service = JSON.stringify(resource.attributes.find(({ key }) => key === 'service.name')?.value);
        const spans = services.get(service) ?? new Map<string, Span>();
        services.set(service, spans);
        for (const one of scopeSpans.flatMap((scope) => scope.spans)) {
          if (one.endTimeUnixNano !== '0' || !spans.has(one.spanId)) spans.set(one.spanId, one);
        }
      }
    },

    /** What belongs to one run: an entry of `resourceSpans` of an export request on each line, one for each service. */
    ofRun(requestId: string): string {
      const all = [...services.values()].flatMap((spans) => [...spans.values()]);
      const own = new Set(all.filter((one) => isOfRun(one, requestId)).map(({ traceId }) => traceId));
      const linked = all.filter(({ links = [] }) => links.some(({ traceId }) => own.has(traceId)));
      const traces = new Set([...own, ...linked.map(({ traceId }) => traceId)]);
      const lines = [...services].map(([service, spans]) => {
        const kept = [...spans.values()].filter(({ traceId }) => traces.has(traceId)).map(trimmed);
        const resource = { attributes: [{ key: 'service.name', value: JSON.parse(service) }] };
        return JSON.stringify({ resource, scopeSpans: [{ spans: kept }] });
      });
      return `${lines.join('\n')}\n`;
    },
  };
}

function isOfRun({ attributes }: Span, requestId: string): boolean {
  return attributes.some(({ key, value }) => key === 'request_id' && JSON.stringify(value).includes(requestId));
}

function trimmed(one: Span): Span {
  return { ...one, attributes: one.attributes.filter(({ key }) => !left.test(key)) };
}
