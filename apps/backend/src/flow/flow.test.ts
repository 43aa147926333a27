import { afterEach, describe, expect, it } from 'vitest';
import { type BackendOptions, startBackend } from '../../test/backend.ts';
import type { Flow } from './flow.ts';
import type { FlowChange } from './flow-changes.ts';
import { type Recorded, recordedRequest, recordedRun, recordedSpans } from './testing/recorded.ts';

const backends: Array<Awaited<ReturnType<typeof startBackend>>> = [];
afterEach(async () => {
  for (const backend of backends.splice(0)) await backend.close();
});

async function start(options: BackendOptions = {}) {
  const backend = await startBackend(options);
  backends.push(backend);
  return backend;
}

type Backend = Awaited<ReturnType<typeof start>>;

const json = { 'content-type': 'application/json' };

function deliver({ url }: Backend, body: unknown, headers: Record<string, string> = json): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(`${url}/otlp/v1/traces`, { method: 'POST', headers, body: text });
}

/** Puts the run that was recorded on record. */
function createRun({ store }: Backend, name: Recorded, owner = 'guest'): Promise<void> {
  const request = { optimization_type: 'laptop_supply_chain', prompt: 'perform market analysis' };
  return store.create({
    requestId: recordedRun(name),
    owner,
    request,
    message: 'perform market analysis.',
    traceParent: null,
  });
}

async function get<Body = Flow>(backend: Backend, path: string) {
  const response = await fetch(`${backend.url}${path}`);
  const body: Body = JSON.parse(await response.text());
  return { status: response.status, headers: response.headers, body };
}

interface Listed {
  flows: object[];
}

interface Problem {
  error: string;
}

describe('the receiver of spans', () => {
  it('takes what services deliver, and the run can be looked at', async () => {
    const backend = await start();
    await createRun(backend, 'user-consent');
    expect((await deliver(backend, recordedRequest('user-consent'))).status).toBe(200);
    const { status, body } = await get(backend, `/flows/${recordedRun('user-consent')}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ kind: 'user-consent', prompt: 'perform market analysis', status: 'running' });
    expect(body.exchanges.length).toBeGreaterThan(30);
    expect(body.jaeger_url).toMatch(/^http:\/\/localhost:16686\/trace\/[0-9a-f]{32}$/);
    expect(body.exchanges.some(({ from }) => from === 'person')).toBe(true);
  });

  it('takes them again, and in pieces, without knowing more or less', async () => {
    const backend = await start();
    await createRun(backend, 'user-consent');
    const spans = recordedSpans('user-consent');
    const path = `/flows/${recordedRun('user-consent')}`;
    for (let at = 0; at < spans.length; at += 7) await backend.flows.add(spans.slice(at, at + 7));
    const { body } = await get(backend, path);
    await backend.flows.add(spans.map((span) => ({ ...span, end: null, attributes: {} })));
    expect((await get(backend, path)).body).toEqual(body);
  });

  it('keeps what a database can hold of a text that it cannot hold', async () => {
    const backend = await start();
    await createRun(backend, 'mode1');
    const spans = recordedSpans('mode1').map((span) => ({
      ...span,
      attributes: { ...span.attributes, 'odd\0': 'a\0b', half: '\ud800' },
    }));
    await backend.flows.add(spans);
    const kept = await backend.flows.spansOf(recordedRun('mode1'));
    expect(kept.length).toBeGreaterThan(0);
    expect(kept[0]?.attributes).toMatchObject({ 'odd\ufffd': 'a\ufffdb', half: '\ufffd' });
  });

  it('wants the secret where there is one', async () => {
    const backend = await start({ flowSecret: 'a-secret-of-the-stack' });
    const authorization = 'Bearer a-secret-of-the-stack';
    expect((await deliver(backend, recordedRequest('mode1'), { ...json, authorization })).status).toBe(200);
    for (const headers of [json, { ...json, authorization: 'Bearer a-secret-of-the-stacK' }]) {
      const refused = await deliver(backend, recordedRequest('mode1'), headers);
      expect(refused.status).toBe(401);
      expect(await refused.json()).toMatchObject({ error: 'unauthorized' });
    }
  });

  it('takes spans from this machine alone where there is no secret', async () => {
    const { app } = await start();
    const send = (remoteAddress: string) =>
      app.request(
        '/otlp/v1/traces',
        { method: 'POST', headers: json, body: '{}' },
        { incoming: { socket: { remoteAddress } } },
      );
    expect((await send('127.0.0.1')).status).not.toBe(401);
    for (const address of ['192.168.1.7', '10.0.0.1', '::ffff:10.0.0.1'])
      expect((await send(address)).status).toBe(401);
  });

  it.each([
    [
      'another type, which a page of any origin may send',
      415,
      '{"resourceSpans":[]}',
      { 'content-type': 'text/plain' },
    ],
    ['no JSON', 400, '{', json],
    ['no export request', 400, '{"resourceSpans":7}', json],
    ['too much at once', 413, JSON.stringify({ more: 'x'.repeat(5_000_000) }), json],
  ])('refuses %s', async (_what, status, body, headers) => {
    const refused = await deliver(await start(), body, headers);
    expect(refused.status).toBe(status);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
  });
});

describe('the flow of a run', () => {
  it('is the same after a restart', async () => {
    const first = await start();
    await createRun(first, 'mode1');
    await deliver(first, recordedRequest('mode1'));
    const path = `/flows/${recordedRun('mode1')}`;
    const { body } = await get(first, path);
    await first.stop();
    const second = await start({ databaseUrl: first.databaseUrl });
    expect((await get(second, path)).body).toEqual(body);
    await second.stop();
  });

  it('is a file to keep', async () => {
    const backend = await start();
    await createRun(backend, 'mode1');
    const { headers } = await get(backend, `/flows/${recordedRun('mode1')}?download`);
    expect(headers.get('content-disposition')).toBe(`attachment; filename="aauth-run-${recordedRun('mode1')}.json"`);
  });

  it('is for whose run it is', async () => {
    const backend = await start();
    await createRun(backend, 'mode1', 'http://issuer somebody');
    await deliver(backend, recordedRequest('mode1'));
    for (const path of [`/flows/${recordedRun('mode1')}`, `/flows/${recordedRun('mode1')}/events`, '/flows/nonsense']) {
      const { status, body } = await get<Problem>(backend, path);
      expect([status, body.error]).toEqual([404, 'not_found']);
    }
    expect((await get<Listed>(backend, '/flows')).body).toEqual({ flows: [] });
  });

  it('is listed, newest first', async () => {
    const backend = await start();
    for (const name of ['mode1', 'user-consent'] as const) {
      await createRun(backend, name);
      await deliver(backend, recordedRequest(name));
    }
    const { body } = await get<Listed>(backend, '/flows');
    expect(body.flows).toMatchObject([
      { request_id: recordedRun('user-consent'), kind: 'user-consent', refused: 0 },
      { request_id: recordedRun('mode1'), kind: 'identity', refused: 0 },
    ]);
    expect((await get<Listed>(backend, '/flows?limit=1')).body.flows).toHaveLength(1);
  });

  it('is forgotten when newer runs take its place', async () => {
    const backend = await start({ keptRuns: 1 });
    // The one was recorded before the other.
    for (const name of ['mode1', 'user-consent'] as const) {
      await createRun(backend, name);
      await deliver(backend, recordedRequest(name));
    }
    await backend.flows.prune();
    expect((await get(backend, `/flows/${recordedRun('mode1')}`)).body.exchanges).toEqual([]);
    expect((await get(backend, `/flows/${recordedRun('user-consent')}`)).body.exchanges).not.toEqual([]);
  });

  it('keeps what another trace tells of it', async () => {
    const backend = await start();
    await createRun(backend, 'user-consent');
    await deliver(backend, recordedRequest('user-consent'));
    const path = `/flows/${recordedRun('user-consent')}`;
    const { body } = await get(backend, path);
    await backend.flows.prune();
    expect((await get(backend, path)).body).toEqual(body);
  });
});

describe('who watches a run', () => {
  it('is told at once what there is, and then what is new', async () => {
    const backend = await start();
    await createRun(backend, 'mode1');
    const spans = recordedSpans('mode1');
    const half = Math.floor(spans.length / 2);
    await backend.flows.add(spans.slice(0, half));
    const response = await fetch(`${backend.url}/flows/${recordedRun('mode1')}/events`);
    const changes = read(response);
    const first = (await changes.next()).value;
    expect(first?.head).toMatchObject({ status: 'running' });
    expect(first?.exchanges.map(({ id }) => id)).toEqual(first?.order);
    await backend.flows.add(spans.slice(half));
    let last = first;
    const { body: whole } = await get(backend, `/flows/${recordedRun('mode1')}`);
    const known = new Map(first?.exchanges.map((exchange) => [exchange.id, exchange]));
    while (last && last.order.length < whole.exchanges.length) {
      last = (await changes.next()).value;
      for (const exchange of last?.exchanges ?? []) known.set(exchange.id, exchange);
    }
    expect(last?.order.map((id) => known.get(id))).toEqual(whole.exchanges);
    await changes.return(undefined);
  });
});

async function* read(response: Response): AsyncGenerator<FlowChange, undefined> {
  let text = '';
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
      if (done) return undefined;
      text += value;
      for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
        const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1];
        text = text.slice(end + 2);
        if (data !== undefined) yield JSON.parse(data);
      }
    }
  } finally {
    await reader?.cancel();
  }
}
