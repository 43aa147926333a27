import { describe, expect, test } from 'vitest';
import { buildFlow, type RunFacts } from './build-flow.ts';
import type { Exchange, Flow } from './flow.ts';
import type { Span } from './span.ts';
import { type Recorded, recordedSpans } from './testing/recorded.ts';

const run: RunFacts = {
  requestId: 'run',
  prompt: 'perform market analysis',
  status: 'completed',
  error: null,
  startedAt: 0,
  endedAt: null,
  jaegerUrl: null,
};

const long = Number.MAX_SAFE_INTEGER;
const flowOf = (spans: readonly Span[], facts: Partial<RunFacts> = {}, now = long) =>
  buildFlow(spans, { run: { ...run, ...facts }, now });
const recordedFlow = (name: Recorded) => flowOf(recordedSpans(name));

/** As far as the market-analysis agent; what that one does is in other tests. */
const main = ({ exchanges }: Flow) => {
  const mattering = exchanges.filter(({ discovery, polling }) => !discovery && !polling);
  return mattering.slice(0, mattering.findIndex(({ to }) => to === 'market-analysis-agent') + 1);
};
const told = ({ from, to, method, status, meaning, tokens }: Exchange) =>
  [from, to, method, status, meaning, tokens.find(({ role }) => role === 'presented')?.type.slice(3, -4) ?? '-'].join(
    ' ',
  );

describe('a run by identity alone', () => {
  test('is the calls of the chain, each through the proxy, which forwards them', async () => {
    const flow = await recordedFlow('mode1');
    expect(flow.kind).toBe('identity');
    expect(main(flow).map(told)).toEqual([
      'supply-chain-ui supply-chain-backend POST 200 other -',
      'supply-chain-backend resource-proxy POST 200 identity agent',
      'resource-proxy supply-chain-agent POST 200 success agent',
      'supply-chain-agent resource-proxy POST 200 identity agent',
      'resource-proxy market-analysis-agent POST 200 success agent',
    ]);
    expect(main(flow).map(({ forwarded }) => forwarded)).toEqual([false, false, true, false, true]);
  });

  test('is nested as the parties called each other', async () => {
    const flow = await recordedFlow('mode1');
    const [start, call, forward, inner, last] = main(flow);
    expect(start?.parent).toBeNull();
    expect([call, forward, inner, last].map((exchange) => exchange?.parent)).toEqual(
      [start, call, forward, inner].map((exchange) => exchange?.id),
    );
  });

  test('has lanes for those alone who took part, with the names that tokens and URLs know them by', async () => {
    const { parties } = await recordedFlow('mode1');
    expect(parties.map(({ id }) => id)).toEqual([
      'supply-chain-ui',
      'supply-chain-backend',
      'resource-proxy',
      'supply-chain-agent',
      'market-analysis-agent',
      'inventory-mcp',
      'agent-provider',
    ]);
    const identifiers = Object.fromEntries(parties.map((party) => [party.id, party.identifiers]));
    expect(identifiers).toMatchObject({
      'resource-proxy': [],
      'supply-chain-agent': ['http://supply-chain-agent.localhost:3000'],
      'agent-provider': ['http://agent-provider.localhost:8766'],
    });
  });

  test('tells of each signature what it covers, the text that was signed, and whose key it was', async () => {
    const flow = await recordedFlow('mode1');
    const { signature } = main(flow)[1] ?? {};
    expect(signature).toMatchObject({
      scheme: 'jwt',
      algorithm: 'Ed25519',
      result: 'verified',
      error: null,
      components: expect.arrayContaining(['@method', '@authority', '@path', 'signature-key', 'content-digest']),
    });
    expect(signature?.base).toMatch(/^"@method": POST\n"@authority": supply-chain-agent\.localhost:3000\n/);
    expect(signature?.created).toBeGreaterThan(1_700_000_000);
    expect(flow.keys[signature?.jkt ?? '']).toBe('supply-chain-backend');
  });

  test('shows tokens with header and claims, and nothing that could be used', async () => {
    const flow = await recordedFlow('mode1');
    const token = main(flow)[1]?.tokens[0];
    expect(token).toMatchObject({
      type: 'aa-agent+jwt',
      role: 'presented',
      header: { typ: 'aa-agent+jwt', alg: 'Ed25519' },
      claims: { dwk: 'aauth-agent.json', ps: 'http://person-server.localhost:8765' },
    });
    // The key that the token is bound to is the one that signed.
    expect(token?.jkt).toBe(main(flow)[1]?.signature?.jkt);
    expect(JSON.stringify(flow)).not.toMatch(/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{20,}/);
  });
});

describe('a run that the person is asked for', () => {
  test('is what the protocol says, hop by hop', async () => {
    const flow = await recordedFlow('user-consent');
    expect(flow.kind).toBe('user-consent');
    expect(main(flow).map(told)).toEqual([
      'supply-chain-ui supply-chain-backend POST 200 other -',
      'supply-chain-backend person-server POST 200 exchange agent',
      'supply-chain-backend resource-proxy POST 401 challenge person',
      'supply-chain-backend person-server POST 202 consent agent',
      'person person-server POST 200 consent -',
      'supply-chain-backend person-server GET 200 exchange agent',
      'supply-chain-backend resource-proxy POST 200 success auth',
      'resource-proxy supply-chain-agent POST 200 success auth',
      'supply-chain-agent person-server POST 200 exchange agent',
      'supply-chain-agent resource-proxy POST 401 challenge person',
      'supply-chain-agent person-server POST 200 exchange agent',
      'supply-chain-agent resource-proxy POST 200 success auth',
      'resource-proxy market-analysis-agent POST 200 success auth',
    ]);
  });

  test('has the resource token in the challenge and in the exchange, with the scopes that are asked for', async () => {
    const [, , challenge, asked] = main(await recordedFlow('user-consent'));
    expect(challenge?.requirement).toEqual({ name: 'auth-token', parameters: {} });
    const [resourceToken] = challenge?.tokens.filter(({ role }) => role === 'requirement') ?? [];
    expect(resourceToken).toMatchObject({ type: 'aa-resource+jwt', jkt: challenge?.signature?.jkt });
    expect(String(resourceToken?.claims.scope).split(' ')).toContain('require:user');
    expect(asked?.tokens.map(({ role, parameter, type }) => [role, parameter, type])).toEqual([
      ['presented', null, 'aa-agent+jwt'],
      ['body', 'resource_token', 'aa-resource+jwt'],
      ['body', 'presented_token', 'aa-person+jwt'],
    ]);
    expect(asked?.tokens[1]?.claims).toEqual(resourceToken?.claims);
  });

  test('says where the person is sent, and not with which code', async () => {
    const asked = main(await recordedFlow('user-consent'))[3];
    expect(asked).toMatchObject({
      status: 202,
      requirement: { name: 'interaction', parameters: { url: 'http://person-server.localhost:8765/ui/consent' } },
      decision: { result: 'asked', reason: 'scope-needs-person' },
    });
    expect(JSON.stringify(asked)).not.toMatch(/code="(?!REDACTED)/);
  });

  test('marks a poll that brings nothing, and not the one that brings the answer', async () => {
    const { exchanges } = await recordedFlow('user-consent');
    const polls = exchanges.filter(({ from, url }) => from === 'supply-chain-backend' && url.includes('/pending/'));
    expect(polls.map(({ status, polling }) => [status, polling])).toEqual([
      [202, true],
      [200, false],
    ]);
  });

  test('names what is called over MCP, and takes an accepted notification for nothing else', async () => {
    const { exchanges } = await recordedFlow('user-consent');
    const calls = exchanges.filter(({ to }) => to === 'inventory-mcp');
    expect(calls.map(({ call }) => call)).toEqual(
      expect.arrayContaining(['initialize', 'notifications/initialized', 'tools/call get_inventory_levels']),
    );
    expect(calls.find(({ status }) => status === 202)).toMatchObject({ meaning: 'success', requirement: null });
  });

  test('has the person’s decision, which another trace tells of', async () => {
    const decided = main(await recordedFlow('user-consent'))[4];
    expect(decided).toMatchObject({
      from: 'person',
      to: 'person-server',
      parent: null,
      decision: { result: 'approved', scope: expect.arrayContaining(['require:user']) },
    });
  });

  test('names the token of the person that a chained exchange is for', async () => {
    const flow = main(await recordedFlow('user-consent'));
    const upstream = flow[10]?.tokens.find(({ parameter }) => parameter === 'upstream_token');
    expect(upstream?.claims.jti).toBe(flow[6]?.tokens[0]?.claims.jti);
  });

  test('marks metadata and keys as discovery', async () => {
    const { exchanges } = await recordedFlow('user-consent');
    const discovery = exchanges.filter((exchange) => exchange.discovery);
    expect(discovery.length).toBeGreaterThan(10);
    for (const { url, method } of discovery)
      expect([method, url]).toEqual(['GET', expect.stringContaining('/.well-known/')]);
  });

  test('is the same whatever the order is in which its spans arrive', async () => {
    const spans = recordedSpans('user-consent');
    expect(await flowOf(spans.toReversed())).toEqual(await flowOf(spans));
  });
});

describe('while a run goes on', () => {
  const spans = recordedSpans('mode1');
  const asStarted = (span: Span): Span => ({
    ...span,
    end: null,
    events: [],
    attributes: Object.fromEntries(
      Object.entries(span.attributes).filter(([name]) => !name.startsWith('http.response') && name !== 'aauth.result'),
    ),
  });
  const last = recordedSpans('mode1').filter(({ kind }) => kind === 'client').length;

  test('an exchange is there as soon as its request went out, under the id that it keeps', async () => {
    const whole = await flowOf(spans);
    const started = await flowOf(spans.map(asStarted));
    expect(started.exchanges.map(({ id }) => id)).toEqual(whole.exchanges.map(({ id }) => id));
    expect(last).toBeGreaterThan(3);
    for (const exchange of started.exchanges) expect(exchange).toMatchObject({ status: null, ended_at: null });
  });

  test('whichever end tells first, the exchange has the same id', async () => {
    const ends = (kind: Span['kind']) => flowOf(spans.filter((span) => span.kind !== kind));
    const ids = async (flow: Promise<Flow>) => new Set((await flow).exchanges.map(({ id }) => id));
    const byClients = await ids(ends('server'));
    const byServers = await ids(ends('client'));
    expect(byClients.size).toBeGreaterThan(5);
    expect([...byClients].filter((id) => !byServers.has(id))).toEqual([]);
  });

  test('an arrow is not drawn to somebody who may yet turn out to be another', async () => {
    const client = spans.find((span) => span.kind === 'client' && span.service === 'supply-chain-backend');
    if (!client) throw new Error('The backend called nobody.');
    const started = [asStarted(client)];
    expect((await flowOf(started, {}, client.start + 100)).exchanges).toEqual([]);
    expect((await flowOf(started, {}, client.start + 5_000)).exchanges).toMatchObject([
      { to: 'supply-chain-agent.localhost:3000', status: null },
    ]);
  });
});

describe('a run that failed', () => {
  const spans = recordedSpans('user-consent');
  const isPoll = ({ attributes }: Span) => String(attributes['url.path']).startsWith('/pending/');
  const denied = spans.map((span) =>
    isPoll(span)
      ? {
          ...span,
          events: [],
          attributes: {
            ...span.attributes,
            'http.response.status_code': 403,
            ...(span.kind === 'server' && { 'aauth.error': 'denied', 'aauth.error.detail': 'The person said no.' }),
          },
        }
      : span,
  );

  test('names the exchange that it failed at, and why; the person’s decision came before', async () => {
    const refusing = denied.map((span) =>
      span.name === 'aauth.decision' && span.kind === 'internal'
        ? { ...span, attributes: { ...span.attributes, 'aauth.result': 'denied' } }
        : span,
    );
    const flow = await flowOf(refusing, { status: 'failed', error: 'The person said no.' });
    const failed = flow.exchanges.find(({ id }) => id === flow.failed_at);
    expect(failed).toMatchObject({
      from: 'supply-chain-backend',
      status: 403,
      meaning: 'refusal',
      problem: { code: 'denied', detail: 'The person said no.' },
    });
    expect(flow.exchanges.find(({ from }) => from === 'person')).toMatchObject({ meaning: 'refusal' });
  });

  test('one that goes on has failed at nothing yet', async () => {
    expect((await flowOf(denied, { status: 'running' })).failed_at).toBeNull();
  });

  test('a peer that did not answer is a refusal with the reason of the one who asked', async () => {
    const client = spans.find(({ kind }) => kind === 'client');
    if (!client) throw new Error('Nobody called.');
    const { 'http.response.status_code': _status, ...attributes } = client.attributes;
    const lost = { ...client, attributes: { ...attributes, 'error.type': 'ECONNREFUSED' }, failure: 'connect refused' };
    expect((await flowOf([lost])).exchanges).toMatchObject([
      { meaning: 'refusal', status: null, problem: { code: 'ECONNREFUSED', detail: 'connect refused' } },
    ]);
  });
});

test('a run without spans has no exchanges and no lanes', async () => {
  expect(await flowOf([])).toMatchObject({ kind: 'none', exchanges: [], parties: [], keys: {} });
});
