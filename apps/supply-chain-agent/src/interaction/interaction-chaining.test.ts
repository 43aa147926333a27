import { createA2AClient } from '@aauth-stack/a2a/client';
import { systemClock, systemSleep } from '@aauth-stack/aauth/clock';
import { poll } from '@aauth-stack/aauth/deferred';
import { parseRequirement } from '@aauth-stack/aauth/requirement';
import type { PendingRequest } from '@aauth-stack/by-hand';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Replica, startChain } from '../../test/chain.ts';
import { sixMonths } from '../../test/market-analysis.ts';
import { forwardedToken } from '../../test/person-caller.ts';

type Chain = Awaited<ReturnType<typeof startChain>>;

const capabilities = { 'aauth-capabilities': 'interaction, clarification' };
const callback = 'http://localhost:8000/auth-callback?request_id=7';
const request = 'Perform Market Analysis of our laptops.';

let chain: Chain;

beforeEach(async () => {
  chain = await startChain();
  chain.personServer.askPerson();
});

afterEach(() => chain.close());

/** The next request that the person is asked about. */
function waiting(index: number): Promise<PendingRequest> {
  return expect
    .poll(() => chain.personServer.pending[index])
    .toBeDefined()
    .then(() => {
      const found = chain.personServer.pending[index];
      if (!found) throw new TypeError('Nobody was asked.');
      return found;
    });
}

/** An agent of alice that calls the supply-chain agent and comes back for the answer, as every agent of AAuth does. */
async function callAgent({ url }: Replica = chain.agent) {
  const headers = { ...forwardedToken((await chain.grantFor('alice')).token), ...capabilities };
  const shown: { url: string; code: string }[] = [];
  let location: URL | undefined;
  const send: typeof fetch = (input, init) => {
    const merged = new Headers(init?.headers);
    for (const [name, value] of Object.entries(headers)) merged.set(name, value);
    return fetch(input, { ...init, headers: merged });
  };
  const reply = createA2AClient({
    url,
    async fetch(input, init) {
      const response = await send(input, init);
      return poll(send, response, {
        now: systemClock,
        sleep: systemSleep,
        deadline: systemClock() + 60,
        wait: 20,
        onPending({ location: polled, requirement }) {
          location = polled;
          const { url: page = '', code = '' } = requirement?.parameters ?? {};
          if (page && shown.at(-1)?.code !== code) shown.push({ url: page, code });
        },
      });
    },
  }).send(request, { onStatus: () => {} });
  return {
    reply,
    shown,
    /** What the person is shown. */
    async link(index: number) {
      await expect.poll(() => shown.length).toBeGreaterThan(index);
      const { url: page = '', code = '' } = shown[index] ?? {};
      return { code, page: new URL(page) };
    },
    /** The pending URL, and a request to it as that caller or another makes it. */
    pending: (method: string, changes: Record<string, string> = {}) => {
      return fetch(location ?? '', { method, headers: { ...headers, ...changes } });
    },
  };
}

/** Opens a link as a browser does. */
async function open(page: URL, parameters: Record<string, string>, cookie = '') {
  const url = new URL(page);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
  const text = await response.text();
  const [, onward] = /<a class="onward" href="([^"]*)">/.exec(text) ?? [];
  const target = response.headers.get('location') ?? onward?.replaceAll('&amp;', '&');
  return {
    text,
    status: response.status,
    target: target ? new URL(target) : undefined,
    cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '',
  };
}

describe('a call that the person has to allow further down', () => {
  it('is held, and leads the person from its caller by its own page to the person server and back', async () => {
    const { agent, personServer, proxy } = chain;
    const { reply, link, shown, pending } = await callAgent();
    const asked = await waiting(0);
    expect(asked).toMatchObject({
      endpoint: 'person-token',
      agent: `aauth:supply-chain-agent@${new URL(agent.identifier).host}`,
      body: { justification: expect.stringContaining(request), platform: 'workload' },
    });

    const first = await link(0);
    expect(first.page.origin).toBe(agent.identifier);
    expect(first.code).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    expect(first.code).not.toBe(asked.code);
    const visit = await open(first.page, { code: first.code.toLowerCase(), callback });
    expect(visit.status).toBe(200);
    expect(`${visit.target?.origin}${visit.target?.pathname}`).toBe(`${personServer.issuer}/consent`);
    expect(visit.target?.searchParams.get('code')).toBe(asked.code);
    const own = new URL(visit.target?.searchParams.get('callback') ?? '');
    expect(`${own.origin}${own.pathname}`).toBe(`${agent.identifier}/interaction/callback`);
    const metadata = await (await fetch(`${agent.url}/.well-known/aauth-agent.json`)).json();
    expect(metadata).toMatchObject({ callback_endpoint: `${agent.identifier}/interaction/callback` });

    // Somebody else's key, or person, gets nothing; and nobody gets past the proxy.
    expect((await pending('GET', { 'x-aauth-sub': 'bob' })).status).toBe(404);
    expect((await pending('DELETE', { 'x-aauth-jkt': 'A'.repeat(43) })).status).toBe(404);
    expect((await pending('GET', { 'x-aauth-proxy-secret': 'x'.repeat(24) })).status).toBe(403);

    asked.approve();
    const second = await waiting(1);
    expect(second.endpoint).toBe('auth-token');
    expect((await open(own, {}, visit.cookie)).target?.href).toBe(callback);
    const next = await link(1);
    expect(next.page.href).toBe(first.page.href);
    expect(next.code).not.toBe(first.code);
    expect((await open(next.page, { code: first.code }, visit.cookie)).status).toBe(410);
    expect((await open(next.page, { code: next.code }, visit.cookie)).target?.searchParams.get('code')).toBe(
      second.code,
    );
    second.approve();

    const { data, text } = await reply;
    expect(data).toMatchObject({ market_analysis: sixMonths(), totals: { quantity: 10, cost: 25_000 } });
    expect(text).toContain('# Market Analysis Report');
    expect(shown).toHaveLength(2);
    expect(proxy.callers).toHaveLength(1);
    // The caller may ask again for what it has been told; the person has nothing to do any more.
    const again = await pending('GET');
    expect(again.headers.get('content-type')).toContain('text/event-stream');
    expect(await again.text()).toContain('# Market Analysis Report');
    const late = await open(next.page, { code: next.code }, visit.cookie);
    expect([late.status, late.text]).toEqual([200, expect.stringContaining('Nothing to decide')]);
    expect(JSON.stringify(chain.captured.lines())).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]+/);
  });

  it('W10: takes as long as the person does, however little time the work may take', async () => {
    const hasty = await chain.startAgent({ identifier: chain.agent.identifier, MARKET_ANALYSIS_TIMEOUT: '8' });
    const { reply, pending, link } = await callAgent(hasty);
    await link(0);
    const started = systemClock();
    await expect.poll(() => systemClock() - started, { interval: 200 }).toBeGreaterThan(9);
    expect((await pending('GET')).status).not.toBe(200);
    (await waiting(0)).approve();
    (await waiting(1)).approve();
    expect((await reply).data).toMatchObject({ market_analysis: sixMonths() });
  });

  it('W9: is answered without what the person denied, and says so', async () => {
    const { reply } = await callAgent();
    (await waiting(0)).end(403, 'denied', 'Alice does not want that.');
    const { data, text } = await reply;
    expect(data).toMatchObject({ market_analysis: { unavailable: expect.stringContaining('denied') } });
    expect(text).toContain('Alice does not want that.');
    expect(chain.proxy.callers).toEqual([]);
  });

  it('answers what the person asks from the request that it serves', async () => {
    const { reply, shown } = await callAgent();
    const asked = await waiting(0);
    asked.ask('Why **now**?');
    await expect.poll(() => asked.replies).toHaveLength(1);
    expect(asked.replies[0]).toMatchObject({ action: 'clarification_response' });
    const answer = asked.replies[0]?.clarification_response;
    expect(answer).toContain(request);
    expect(answer).toContain(chain.proxy.identifier);
    asked.approve();
    (await waiting(1)).approve();
    await reply;
    // The question is between the person and this agent: their caller shows the same link as before.
    expect(shown.length).toBeLessThanOrEqual(2);
  });

  it('can be taken back by its caller', async () => {
    const { reply, link, pending } = await callAgent();
    const { page, code } = await link(0);
    expect((await pending('DELETE')).status).toBe(204);
    await expect(reply).rejects.toMatchObject({ code: 'gone' });
    expect((await pending('GET')).status).toBe(410);
    await expect.poll(async () => (await open(page, { code }, 'interaction=mine')).status).toBe(200);
    // The person is not left with a question that nobody asks any more.
    const asked = await waiting(0);
    await expect.poll(() => asked.isTakenBack).toBe(true);
  });

  it('is lost in a restart: its caller is told, calls again, and the person is asked again', async () => {
    const { reply, link } = await callAgent();
    const { page, code } = await link(0);
    const restarted = await chain.startAgent({ identifier: chain.agent.identifier });
    const held = page.pathname.split('/').at(-1);
    const headers = forwardedToken((await chain.grantFor('alice')).token);
    const lost = await fetch(`${restarted.url}/pending/${held}`, { headers });
    expect(lost.status).toBe(410);
    expect(await lost.json()).toMatchObject({ error: 'gone', detail: expect.stringContaining('call again') });
    expect((await open(new URL(page.pathname, restarted.url), { code })).status).toBe(410);

    const second = await callAgent(restarted);
    const [before, after] = [await waiting(0), await waiting(1)];
    expect(after.agent).toBe(before.agent);
    after.approve();
    (await waiting(2)).approve();
    expect((await second.reply).data).toMatchObject({ market_analysis: sixMonths() });
    before.end(408, 'expired', 'Nobody came.');
    await reply;
  });
});

it('a requirement reaches the caller only as this agent’s own', async () => {
  const headers = { ...forwardedToken((await chain.grantFor('alice')).token), ...capabilities };
  const body = {
    jsonrpc: '2.0',
    id: 1,
    method: 'message/send',
    params: { message: { kind: 'message', role: 'user', messageId: 'm', parts: [{ kind: 'text', text: request }] } },
  };
  const response = await fetch(chain.agent.url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(202);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('location')).toMatch(/^\/pending\/[\w-]{22}$/);
  const requirement = parseRequirement(response.headers.get('aauth-requirement'));
  expect(requirement).toMatchObject({
    requirement: 'interaction',
    parameters: { url: expect.stringContaining(chain.agent.identifier) },
  });
  expect(await response.json()).toEqual({ status: 'pending', expires_at: expect.any(String) });
  (await waiting(0)).end(403, 'denied', 'No.');
});
