import { existsSync } from 'node:fs';
import { serve } from '@aauth-stack/service/http';
import { captureLog } from '@aauth-stack/service/testing';
import { Hono } from 'hono';
import { chromium } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { authCallbackRoutes } from './routes.ts';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** In a page: opens a window, and resolves to what it says once it has closed. */
const openAndListen = (url: string) => `new Promise((resolve) => {
  const popup = window.open(${JSON.stringify(url)}, 'aauth-consent', 'width=520,height=620');
  window.addEventListener('message', async ({ data, origin }) => {
    while (!popup.closed) await new Promise((again) => setTimeout(again, 10));
    resolve({ data, origin });
  });
})`;

const listenToChannel = `void (globalThis.heard = new Promise((resolve) => {
  new BroadcastChannel('aauth-consent').onmessage = ({ data }) => resolve(data);
}))`;

async function start(app: Hono): Promise<string> {
  const server = await serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, log: captureLog().log, drainMs: 100 });
  onTestFinished(() => server.close());
  return server.url;
}

describe('the page that people come back to', () => {
  it('has no inline script, is of no other page’s frame, and says how it went', async () => {
    const app = authCallbackRoutes(['http://localhost:3050']);
    const page = await app.request('/auth-callback?request_id=7');
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(page.headers.get('cross-origin-opener-policy')).toBeNull();
    const text = await page.text();
    expect(text).toContain('<h1>Thank you</h1>');
    expect(text.match(/<script[^>]*>[^<]*<\/script>/g)).toEqual(['<script src="/auth-callback.js" defer></script>']);
    expect(text).not.toMatch(/\son\w+=|style=/);
    const denied = await (await app.request('/auth-callback?request_id=7&error=access_denied')).text();
    expect(denied).toContain('<h1>Nothing was granted</h1>');
    const script = await app.request('/auth-callback.js');
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  });

  it('repeats nothing of its address', async () => {
    const hostile = '"><script>alert(1)</script>';
    const query = new URLSearchParams({ request_id: hostile, error: hostile, code: hostile });
    const text = await (await authCallbackRoutes(['http://localhost:3050']).request(`/auth-callback?${query}`)).text();
    expect(text).not.toContain('alert');
  });

  it.runIf(existsSync(executablePath))('in a browser: tells the page that opened it, and closes', async () => {
    const opener = new Hono().get('/', (c) => c.html('<!doctype html><title>UI</title>'));
    const frontend = await start(opener);
    const backend = await start(authCallbackRoutes(['http://localhost:3050', frontend]));
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
    onTestFinished(() => browser.close());
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(frontend);
    const told = await page.evaluate(openAndListen(`${backend}/auth-callback?request_id=7&error=access_denied`));
    expect(told).toEqual({
      data: { type: 'aauth-consent-complete', request_id: '7', error: 'access_denied' },
      origin: backend,
    });

    // A page of the same origin hears of it too, whoever opened the window.
    const watcher = await context.newPage();
    await watcher.goto(`${backend}/auth-callback.js`);
    await watcher.evaluate(listenToChannel);
    await page.evaluate(`void window.open('${backend}/auth-callback?request_id=8', '_blank', 'noopener')`);
    expect(await watcher.evaluate('heard')).toEqual({ type: 'aauth-consent-complete', request_id: '8', error: null });
  });
});
