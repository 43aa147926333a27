import type { FuzzTargets } from '@aauth-stack/fuzz';
import { buildFlow } from '../src/flow/build-flow.ts';
import { parseExportRequest } from '../src/flow/otlp.ts';
import { supplyChainReportSchema } from '../src/runs/report.ts';
import { reportsFrom, resultsFrom } from '../src/runs/results.ts';
import { messageFor, startRequestSchema } from '../src/runs/start-request.ts';
import { sixMonthReport } from '../src/runs/testing/report.ts';

const span = {
  traceId: '0'.repeat(31).concat('1'),
  spanId: '0'.repeat(15).concat('2'),
  name: 'POST /',
  kind: 3,
  startTimeUnixNano: '1767225600000000000',
  endTimeUnixNano: 1767225600e9,
  attributes: [
    {
      key: 'http.request.header.signature-input',
      value: { arrayValue: { values: [{ stringValue: 'sig=("@method");created=1' }] } },
    },
    {
      key: 'http.request.header.signature-key',
      value: { arrayValue: { values: [{ stringValue: 'sig=jwt;jwt="eyJ0.eyJ9.…"' }] } },
    },
    { key: 'aauth.token.claims', value: { stringValue: '{"cnf":{"jwk":{}}}' } },
    { key: 'url.full', value: { stringValue: 'http://a.localhost/a' } },
  ],
  events: [{ name: 'aauth.exchange', timeUnixNano: '1', attributes: [{ key: 'a', value: { intValue: '7' } }] }],
  links: [{ traceId: '0'.repeat(31).concat('3'), spanId: '0'.repeat(15).concat('4') }],
  status: { code: 2, message: 'failed' },
};
const exported = {
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'resource-proxy' } }] },
      scopeSpans: [
        { spans: [span, { ...span, kind: 2, spanId: '0'.repeat(15).concat('5'), parentSpanId: span.spanId }] },
      ],
    },
  ],
};
const run = {
  requestId: 'a',
  prompt: null,
  status: 'running',
  error: null,
  startedAt: 0,
  endedAt: null,
  jaegerUrl: null,
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** What services, agents and pages tell the backend. */
export const targets: FuzzTargets = {
  'exported spans': {
    read: (text) => buildFlow(parseExportRequest(parseJson(text)) ?? [], { run, now: 1 }),
    examples: [
      JSON.stringify(exported),
      JSON.stringify(exported).replace('1767225600000000000,', '76722560000000000000000,'),
    ],
  },
  'an agent’s report': {
    read: (text) => {
      const { data } = supplyChainReportSchema.safeParse(parseJson(text));
      if (!data) return;
      JSON.stringify([resultsFrom('a', data, new Date(0)), reportsFrom(text, data)]);
    },
    examples: [JSON.stringify(sixMonthReport)],
  },
  'a request to start': {
    read: (text) => {
      const { data } = startRequestSchema.safeParse(parseJson(text));
      if (data && messageFor(data) === '') throw new Error('It asks nothing.');
    },
    examples: [
      '{"scenario":"laptop_procurement","custom_prompt":"a","constraints":{"budget_limit":5,"x":{"y":[]}},"priority":"b"}',
      '{"prompt":"","constraints":["a"],"parameters":{}}',
    ],
  },
};
