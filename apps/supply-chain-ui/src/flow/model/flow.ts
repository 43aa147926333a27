import * as z from 'zod/mini';

/** `GET /flows/{request_id}` of the backend, and what an export holds: what happened on the wire during one run. */
const record = z.record(z.string(), z.unknown());

const token = z.object({
  type: z.string(),
  role: z.enum(['presented', 'requirement', 'issued', 'body']),
  parameter: z.nullable(z.string()),
  header: record,
  claims: record,
  jkt: z.nullable(z.string()),
});

const signature = z.object({
  scheme: z.nullable(z.string()),
  components: z.array(z.string()),
  created: z.nullable(z.number()),
  base: z.nullable(z.string()),
  algorithm: z.nullable(z.string()),
  jkt: z.nullable(z.string()),
  result: z.enum(['verified', 'refused', 'unknown']),
  error: z.nullable(z.string()),
  detail: z.nullable(z.string()),
});

const header = z.tuple([z.string(), z.string()]);

const exchangeSchema = z.object({
  id: z.string(),
  parent: z.nullable(z.string()),
  from: z.string(),
  to: z.string(),
  method: z.string(),
  url: z.string(),
  call: z.nullable(z.string()),
  status: z.nullable(z.number()),
  started_at: z.string(),
  ended_at: z.nullable(z.string()),
  meaning: z.enum(['identity', 'challenge', 'exchange', 'consent', 'success', 'refusal', 'other']),
  discovery: z.boolean(),
  polling: z.boolean(),
  forwarded: z.boolean(),
  request_headers: z.array(header),
  response_headers: z.array(header),
  signature: z.nullable(signature),
  requirement: z.nullable(z.object({ name: z.string(), parameters: z.record(z.string(), z.string()) })),
  decision: z.nullable(
    z.object({
      result: z.string(),
      reason: z.nullable(z.string()),
      scope: z.array(z.string()),
      level: z.nullable(z.string()),
      resource: z.nullable(z.string()),
    }),
  ),
  tokens: z.array(token),
  problem: z.nullable(z.object({ code: z.nullable(z.string()), detail: z.nullable(z.string()) })),
});

const head = {
  version: z.literal(1),
  request_id: z.string(),
  prompt: z.nullable(z.string()),
  status: z.string(),
  error: z.nullable(z.string()),
  started_at: z.string(),
  ended_at: z.nullable(z.string()),
  kind: z.enum(['identity', 'three-party', 'user-consent', 'none']),
  jaeger_url: z.nullable(z.string()),
  parties: z.array(z.object({ id: z.string(), identifiers: z.array(z.string()) })),
  keys: z.record(z.string(), z.string()),
  failed_at: z.nullable(z.string()),
};

export const flowSchema = z.object({ ...head, exchanges: z.array(exchangeSchema) });

/** An event of `GET /flows/{request_id}/events`: what is different from what came before. */
export const flowChangeSchema = z.object({
  head: z.object(head),
  exchanges: z.array(exchangeSchema),
  order: z.array(z.string()),
});

/** An entry of `GET /flows`. */
export const flowSummariesSchema = z.object({
  flows: z.array(
    z.object({
      request_id: z.string(),
      status: z.string(),
      prompt: z.nullable(z.string()),
      started_at: z.string(),
      kind: head.kind,
      exchanges: z.number(),
      refused: z.number(),
    }),
  ),
});

export type Flow = z.output<typeof flowSchema>;
export type FlowChange = z.output<typeof flowChangeSchema>;
export type FlowSummary = z.output<typeof flowSummariesSchema>['flows'][number];
export type Exchange = Flow['exchanges'][number];
export type Token = Exchange['tokens'][number];
export type Signature = NonNullable<Exchange['signature']>;
export type ExchangeMeaning = Exchange['meaning'];
export type FlowKind = Flow['kind'];
