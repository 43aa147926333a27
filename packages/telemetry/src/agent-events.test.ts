import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { type AgentEventFacts, recordAgentEvent } from './agent-events.ts';
import { attribute, spanEvent } from './attributes.ts';
import { withSpan } from './spans.ts';
import { startTracing } from './tracing.ts';

const exporter = new InMemorySpanExporter();
const tracing = startTracing({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
afterAll(() => tracing.shutdown());
beforeEach(() => exporter.reset());

const resource = 'http://supply-chain-agent.localhost:3000';
const personServer = 'http://person-server.localhost:8765';

async function eventsOf(...events: AgentEventFacts[]) {
  await withSpan('call', {}, () => events.forEach(recordAgentEvent));
  const [span] = exporter.getFinishedSpans();
  return span?.events.map(({ name, attributes }) => ({ name, attributes })) ?? [];
}

test('the three-party flow leaves its steps on the span of the call, in order', async () => {
  const claims = { iss: resource, aud: personServer, scope: 'supply-chain:read', exp: 1 };
  const events = await eventsOf(
    { type: 'metadata-read', resource },
    { type: 'person-token-requested', resource, personServer, chained: false },
    { type: 'person-token-received', resource, personServer, claims: { iss: personServer, sub: 'p-1' } },
    { type: 'challenged', resource, status: 401, requirement: 'auth-token', resourceToken: claims },
    { type: 'exchange-requested', resource, personServer, scope: ['supply-chain:read'], chained: false },
    { type: 'exchange-received', resource, personServer, scope: ['supply-chain:read'], claims: { sub: 'p-1' } },
    { type: 'retried', resource, because: 'exchange-resource-token' },
  );
  expect(events).toEqual([
    {
      name: 'aauth.exchange',
      attributes: {
        'aauth.resource': resource,
        'aauth.result': 'requested',
        'aauth.token.type': 'aa-person+jwt',
        'aauth.person.iss': personServer,
        'aauth.chained': false,
      },
    },
    {
      name: 'aauth.exchange',
      attributes: {
        'aauth.resource': resource,
        'aauth.result': 'received',
        'aauth.token.type': 'aa-person+jwt',
        'aauth.person.iss': personServer,
        'aauth.token.claims': JSON.stringify({ iss: personServer, sub: 'p-1' }),
      },
    },
    {
      name: 'aauth.challenge',
      attributes: {
        'aauth.resource': resource,
        'aauth.requirement': 'auth-token',
        'http.response.status_code': 401,
        'aauth.token.type': 'aa-resource+jwt',
        'aauth.token.claims': JSON.stringify(claims),
      },
    },
    {
      name: 'aauth.exchange',
      attributes: {
        'aauth.resource': resource,
        'aauth.result': 'requested',
        'aauth.token.type': 'aa-auth+jwt',
        'aauth.person.iss': personServer,
        'aauth.scope': ['supply-chain:read'],
        'aauth.chained': false,
      },
    },
    {
      name: 'aauth.exchange',
      attributes: {
        'aauth.resource': resource,
        'aauth.result': 'received',
        'aauth.token.type': 'aa-auth+jwt',
        'aauth.person.iss': personServer,
        'aauth.scope': ['supply-chain:read'],
        'aauth.token.claims': JSON.stringify({ sub: 'p-1' }),
      },
    },
    { name: 'aauth.retry', attributes: { 'aauth.resource': resource, 'aauth.remedy': 'exchange-resource-token' } },
  ]);
  const known: string[] = [...Object.values(attribute), ...Object.values(spanEvent), 'http.response.status_code'];
  const used = events.flatMap(({ name, attributes }) => [name, ...Object.keys(attributes ?? {})]);
  expect(used.filter((name) => !known.includes(name))).toEqual([]);
});

test('a deferred exchange names what is required, and never the code or the address for the person', async () => {
  const requirement = {
    requirement: 'interaction',
    parameters: { url: 'http://ps.example/consent', code: 'ABCD-1234' },
  };
  const events = await eventsOf({
    type: 'deferred',
    resource,
    awaiting: 'auth-token',
    pending: { status: 'pending', requirement },
  });
  expect(events).toEqual([
    {
      name: 'aauth.exchange',
      attributes: {
        'aauth.resource': resource,
        'aauth.result': 'deferred',
        'aauth.token.type': 'aa-auth+jwt',
        'aauth.requirement': 'interaction',
      },
    },
  ]);
});

test('a call that is held is a challenge', async () => {
  const [event] = await eventsOf({ type: 'deferred', resource, awaiting: 'response', pending: { status: 'pending' } });
  expect(event).toEqual({
    name: 'aauth.challenge',
    attributes: { 'aauth.resource': resource, 'aauth.result': 'deferred' },
  });
});

test('a refusal that stands says what the resource said', async () => {
  const [event] = await eventsOf({ type: 'refused', resource, status: 401, code: 'revoked_jwt' });
  expect(event).toEqual({
    name: 'aauth.refusal',
    attributes: { 'aauth.resource': resource, 'http.response.status_code': 401, 'aauth.error': 'revoked_jwt' },
  });
});

test('a complete token among the claims loses its signature part', async () => {
  const nested = `eyJ${'a'.repeat(20)}.${'b'.repeat(20)}.${'c'.repeat(20)}`;
  const [event] = await eventsOf({ type: 'challenged', resource, status: 401, resourceToken: { nested } });
  expect(JSON.stringify(event)).not.toContain('c'.repeat(20));
});

test('outside a span, and for names that are nobody’s events, nothing happens', async () => {
  recordAgentEvent({ type: 'challenged', resource });
  expect(await eventsOf({ type: 'toString', resource }, { type: 'presented', resource })).toEqual([]);
});
