import type { ReceivedSpan } from '@aauth-stack/telemetry/testing';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { endOf, startRun } from '../support/backend.ts';
import { consentRequest, decide, interactionOf } from '../support/consent.ts';
import { takeBackEverything } from '../support/person.ts';
import { hasEdge, traceOf } from '../support/trace.ts';
import { until } from '../support/until.ts';

let trace: ReceivedSpan[];

beforeAll(async () => {
  await takeBackEverything();
  const requestId = await startRun({ prompt: 'perform market analysis' });
  const { interaction_code } = await interactionOf(requestId);
  const { pending_id } = await consentRequest(interaction_code);
  await decide(pending_id, { approved: true });
  expect((await endOf(requestId)).status).toBe('completed');
  trace = await until('the spans of the run', async () => {
    const spans = await traceOf(requestId);
    const hasEnded = spans.some(({ name }) => name === 'optimization_api.run_optimization_workflow');
    return hasEnded && hasEdge(spans, 'resource-proxy', 'market-analysis-agent') && decisionIn(spans) && spans;
  });
});

function decisionIn(spans: readonly ReceivedSpan[]): ReceivedSpan | undefined {
  return spans.find(({ service, name }) => service === 'person-server' && name === 'aauth.decision');
}

describe('the trace of a run that waited for the person', () => {
  it('holds the request, a few held polls, the decision and the retry, in this order', () => {
    const polls = trace.filter(({ service, name }) => service === 'person-server' && name.startsWith('GET /pending/'));
    expect(polls.length).toBeGreaterThan(0);
    expect(polls.length).toBeLessThan(5);
    const exchanges = trace
      .filter(({ service }) => service === 'supply-chain-backend')
      .flatMap(({ events }) => events)
      .filter(({ name, attributes }) => name === 'aauth.exchange' && attributes['aauth.token.type'] === 'aa-auth+jwt')
      .map(({ attributes }) => attributes['aauth.result']);
    expect(exchanges[0]).toBe('requested');
    expect(exchanges.at(-1)).toBe('received');
    const presented = trace
      .filter(
        ({ service, attributes }) =>
          service === 'resource-proxy' && attributes['aauth.resource'] === 'http://supply-chain-agent.localhost:3000',
      )
      .map(({ attributes }) => attributes['aauth.token.type']);
    expect(presented).toContain('aa-auth+jwt');
  });

  it('links the decision with the page where the person made it', async () => {
    const decision = decisionIn(trace);
    expect(decision?.attributes).toMatchObject({
      'aauth.result': 'approved',
      'aauth.resource': 'http://supply-chain-agent.localhost:3000',
      'aauth.scope': expect.arrayContaining(['require:user']),
    });
    const everything: ReceivedSpan[] = JSON.parse(await (await fetch(inject('spansUrl'))).text());
    const [link] = decision?.links ?? [];
    const page = everything.find(({ spanId }) => spanId === link?.spanId);
    expect(page).toMatchObject({ service: 'person-server', name: expect.stringMatching(/^POST \/consent\//) });
    expect(page?.traceId).not.toBe(decision?.traceId);
    expect(page?.links).toContainEqual(expect.objectContaining({ traceId: decision?.traceId }));
  });

  it('carries neither a code nor a complete token', async () => {
    const everything = await (await fetch(inject('spansUrl'))).text();
    expect(everything).not.toMatch(/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{20,}/);
    expect(everything).not.toMatch(/[?&]code=(?!REDACTED)/);
  });
});
