import type { Pending } from '@aauth-stack/aauth/deferred';
import type { AAuthError } from '@aauth-stack/aauth/errors';
import type { HeldCall } from '@aauth-stack/aauth/resource';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { createInteractionRelay, type InteractionRelay } from './interaction-relay.ts';
import { interactionRoutes } from './pages.ts';

const identifier = 'http://supply-chain-agent.localhost:3000';
const callback = 'http://localhost:8000/auth-callback?request_id=7';

let failures: AAuthError[];
let relay: InteractionRelay;
let app: ReturnType<typeof interactionRoutes>;
let call: HeldCall;

beforeEach(() => {
  failures = [];
  relay = createInteractionRelay({
    identifier,
    callbackOrigins: ['http://localhost:8000'],
    identifiers: { allowLoopback: true },
  });
  app = interactionRoutes(relay, { identifier });
  call = heldCall('call-1');
});

function heldCall(id: string): HeldCall {
  return {
    id,
    require: () => {},
    fail: (error) => failures.push(error),
    response: () => new Response(null, { status: 202 }),
  };
}

/** What a person server requires. */
function pendingWith(code: string, url = 'http://person-server.localhost:8765/ui/consent'): Pending {
  return {
    location: new URL('/pending/1', url),
    status: 'pending',
    requirement: { requirement: 'interaction', parameters: { url, code } },
    retryAfter: 2,
    expiresAt: undefined,
    body: {},
  };
}

/** The code that a caller is told when the person server requires an interaction with `code`. */
function ask(code = 'PSPS-0001', held = call): string {
  const { parameters } = relay.ask(held, pendingWith(code)) ?? {};
  return parameters && 'code' in parameters ? parameters.code : '';
}

/** Opens a page as a browser does. */
async function open(path: string, parameters: Record<string, string>, cookie?: string) {
  const query = new URLSearchParams(parameters);
  const response = await app.request(`${path}?${query}`, { headers: cookie === undefined ? {} : { cookie } });
  const text = await response.text();
  const [, onward] = /<a class="onward" href="([^"]*)">/.exec(text) ?? [];
  const target = response.headers.get('location') ?? onward?.replaceAll('&amp;', '&');
  return {
    status: response.status,
    target: target === undefined ? undefined : new URL(target),
    setCookie: response.headers.get('set-cookie'),
    cookie: response.headers.get('set-cookie')?.split(';')[0],
    headers: response.headers,
    text,
  };
}

const visit = (parameters: Record<string, string>, cookie?: string) => open('/interaction/call-1', parameters, cookie);
const comeBack = (parameters: Record<string, string>, cookie?: string) =>
  open('/interaction/callback', { call: 'call-1', ...parameters }, cookie);

describe('the page of an interaction', () => {
  it('shows whoever brings the code both codes, and the way on to the person server, in any spelling', async () => {
    const code = ask();
    const { status, target, headers, setCookie, text } = await visit({ code: code.toLowerCase().replace('-', '') });
    expect(status).toBe(200);
    expect(text.match(/<d[td]>[\s\S]*?<\/d[td]>/g)).toEqual([
      '<dt>You were shown</dt>',
      `<dd><code>${code}</code></dd>`,
      '<dt>The next page shows</dt>',
      '<dd><code>PSPS-0001</code></dd>',
    ]);
    expect(text).toContain('<code>supply-chain-agent.localhost:3000</code>, which your agent called');
    expect(text).toContain('Continue at person-server.localhost:8765');
    expect(target?.href.split('?')[0]).toBe('http://person-server.localhost:8765/ui/consent');
    expect(target?.searchParams.get('code')).toBe('PSPS-0001');
    expect(target?.searchParams.get('callback')).toBe(`${identifier}/interaction/callback?call=call-1`);
    expect(setCookie).toMatch(/^interaction=[\w-]{22}; Max-Age=3600; Path=\/interaction; HttpOnly; SameSite=Lax$/);
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
  });

  it('is used up by the first browser, which may come again', async () => {
    const code = ask();
    const { cookie } = await visit({ code });
    expect((await visit({ code }, cookie)).status).toBe(200);
    for (const other of [undefined, 'interaction=another']) {
      const refused = await visit({ code }, other);
      expect([refused.status, refused.target, refused.setCookie]).toEqual([410, undefined, null]);
    }
    expect(failures).toEqual([]);
  });

  it('leads nowhere with another code, or for another call', async () => {
    ask();
    const other = ask('PSPS-0002', heldCall('call-2'));
    for (const code of ['', 'AAAA-AAAA', other, `${other}0`]) expect((await visit({ code })).status).toBe(410);
    expect((await open('/interaction/unknown', { code: other })).status).toBe(410);
    expect((await open('/interaction/call-2', { code: other })).status).toBe(200);
  });

  it('W16: fails the call when its code is guessed wrong ten times', async () => {
    const code = ask();
    for (let guess = 1; guess <= 9; guess += 1) await visit({ code: 'AAAA-AAAA' });
    expect(failures).toEqual([]);
    expect((await visit({ code })).status).toBe(200);
    expect((await visit({ code: 'AAAA-AAAA' })).status).toBe(410);
    expect(failures).toMatchObject([{ name: 'DeferredError', code: 'invalid_code', status: 410 }]);
    expect((await visit({ code })).status).toBe(410);
  });

  it('says so when there is nothing to decide any more', async () => {
    const code = ask();
    const { cookie } = await visit({ code });
    relay.settle('call-1');
    const settled = await visit({ code }, cookie);
    expect([settled.status, settled.target]).toEqual([200, undefined]);
    expect(settled.text).toContain('Nothing to decide');
  });

  it('has another code for another question, and the same for the same', async () => {
    const code = ask();
    expect(ask()).toBe(code);
    const { cookie } = await visit({ code });
    const next = ask('PSPS-0002');
    expect(next).not.toBe(code);
    expect((await visit({ code }, cookie)).status).toBe(410);
    expect((await visit({ code: next }, cookie)).target?.searchParams.get('code')).toBe('PSPS-0002');
    relay.settle('call-1');
    expect(ask('PSPS-0002')).not.toBe(next);
  });

  it('sends nobody to an address that is none, and asks for nothing where no interaction is required', () => {
    expect(() => relay.ask(call, pendingWith('PSPS-0001', 'http://elsewhere.example/'))).toThrow(
      expect.objectContaining({ code: 'invalid_response' }),
    );
    const requirement = { requirement: 'approval', parameters: {} };
    expect(relay.ask(call, { ...pendingWith('PSPS-0001'), requirement })).toBeUndefined();
  });

  it('sets a cookie for https only where this agent is reached by https', async () => {
    app = interactionRoutes(relay, { identifier: 'https://supply-chain-agent.example' });
    expect((await visit({ code: ask() })).setCookie).toContain('; Secure');
  });
});

describe('the way back', () => {
  it('leads to the callback of the agent, with what went wrong', async () => {
    const { cookie } = await visit({ code: ask(), callback });
    expect((await comeBack({}, cookie)).target?.href).toBe(callback);
    expect((await comeBack({ error: 'access_denied' }, cookie)).target?.href).toBe(`${callback}&error=access_denied`);
    expect((await comeBack({ error: 'anything' }, cookie)).target?.href).toBe(`${callback}&error=server_error`);
    relay.settle('call-1');
    expect((await comeBack({}, cookie)).target?.href).toBe(callback);
  });

  it('is a page that says so where nobody said where to go, or somebody else comes', async () => {
    const { cookie } = await visit({ code: ask() });
    for (const [parameters, text] of [
      [{}, 'Thank you'],
      [{ error: 'access_denied' }, 'Nothing was granted'],
      [{ call: 'unknown' }, 'Thank you'],
    ] as const) {
      const page = await comeBack(parameters, cookie);
      expect([page.status, page.target]).toEqual([200, undefined]);
      expect(page.text).toContain(`<h1>${text}</h1>`);
    }
    const code = ask('PSPS-0002');
    await visit({ code, callback }, cookie);
    for (const other of [undefined, 'interaction=another']) expect((await comeBack({}, other)).target).toBeUndefined();
  });

  it('W16: never leads to an origin that is not configured', async () => {
    const { cookie } = await visit({ code: ask() });
    const hostile = fc.oneof(
      fc.constantFrom(
        'https://evil.example/auth-callback',
        'http://localhost:8000@evil.example/',
        'http://localhost:8000.evil.example/',
        'http://localhost:8001/',
        'https://localhost:8000/',
        '//evil.example',
        '/\\evil.example',
        'javascript:alert(1)//http://localhost:8000',
        'data:text/html,x',
        'http://me:secret@localhost:8000/',
      ),
      fc.webUrl(),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(hostile, async (address) => {
        const code = ask(`PSPS-${address.length}`);
        await visit({ code, callback: address }, cookie);
        expect((await comeBack({}, cookie)).target).toBeUndefined();
        relay.settle('call-1');
      }),
    );
  });
});

it('forgets the oldest of too many interactions', async () => {
  const code = ask();
  for (let index = 0; index < 1000; index += 1) ask('PSPS-0001', heldCall(`other-${index}`));
  expect((await visit({ code })).status).toBe(410);
});
