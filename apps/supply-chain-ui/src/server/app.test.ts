// @vitest-environment node
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBuiltPages } from '@aauth-stack/service/pages';
import { captureLog } from '@aauth-stack/service/testing';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../config.ts';
import { createApp } from './app.ts';

const html = '<!doctype html><script type="module" src="/assets/index-1.js"></script>';

async function start(environment: Record<string, string> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'pages-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const { settings, connectOrigins } = loadConfig(environment, () => {});
  const { log } = captureLog();
  const app = createApp({ pages: createBuiltPages({ folder, log }), settings, connectOrigins, log });
  const build = async () => {
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'index.html'), html);
    await writeFile(join(folder, 'viewer.html'), '<!doctype html><title>Viewer</title>');
    await writeFile(join(folder, 'assets/index-1.js'), `const text = '${'x'.repeat(2000)}';`);
    await writeFile(join(folder, 'assets/secret.pem'), 'no asset');
  };
  return { app, build };
}

test('pages that are not built say so, and are served as soon as they are', async () => {
  const { app, build } = await start();
  expect((await app.request('/healthz')).status).toBe(200);
  expect((await app.request('/readyz')).status).toBe(503);
  const response = await app.request('/');
  expect([response.status, response.headers.get('cache-control')]).toEqual([503, 'no-store']);
  expect(await response.text()).toContain('pnpm --filter @aauth-stack/supply-chain-ui build');
  await build();
  expect((await app.request('/')).status).toBe(200);
  expect((await app.request('/readyz')).status).toBe(200);
});

test.each([
  '/',
  '/runs/6ab8d2a2-4a6c-4a08-8e33-0d6e5b1f0d11?tab=flow',
  '/history',
  '/how-it-works',
  '/signed-in?code=x',
])('%s is the one page, under a strict policy, in touch with the windows that it opens', async (path) => {
  const { app, build } = await start({ OIDC_ISSUER: 'https://login.example/realms/acme' });
  await build();
  const response = await app.request(path);
  expect([response.status, await response.text()]).toEqual([200, html]);
  expect(response.headers.get('cache-control')).toBe('no-cache');
  expect(response.headers.get('content-security-policy')).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' http://backend.localhost:8000 https://login.example; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  );
  expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin-allow-popups');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(response.headers.get('x-frame-options')).toBe('DENY');
  expect(response.headers.get('referrer-policy')).toBe('same-origin');
});

test('the page at which a window ends stays in touch with the one that opened it', async () => {
  const { app, build } = await start();
  await build();
  const response = await app.request('/auth-callback?request_id=7');
  expect([response.status, response.headers.get('cross-origin-opener-policy')]).toEqual([200, 'unsafe-none']);
});

test('any other address is the page too, which says itself that there is nothing', async () => {
  const { app, build } = await start();
  await build();
  for (const path of ['/nothing', '/runs', '/runs/a/b', '/history/']) {
    const response = await app.request(path);
    expect([path, response.status, await response.text()]).toEqual([path, 404, html]);
  }
});

test('another page that was built beside it is served by its name', async () => {
  const { app, build } = await start();
  await build();
  const response = await app.request('/viewer.html');
  expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-cache']);
  expect(await response.text()).toContain('<title>Viewer</title>');
  expect((await app.request('/other.html')).status).toBe(404);
});

test('assets may be kept for ever, are compressed, and are nothing but assets', async () => {
  const { app, build } = await start();
  await build();
  const response = await app.request('/assets/index-1.js', { headers: { 'accept-encoding': 'gzip, br' } });
  expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(response.headers.get('content-encoding')).toBe('br');
  expect((await response.arrayBuffer()).byteLength).toBeLessThan(200);
  for (const path of ['/assets/index-2.js', '/assets/secret.pem', '/assets/..%2findex.html']) {
    expect((await app.request(path)).status).toBe(404);
  }
});

test('one build serves any address: the pages ask where everything is', async () => {
  const { app } = await start({ BACKEND_URL: 'https://api.example', OIDC_ISSUER: 'https://login.example' });
  const response = await app.request('/config.json');
  expect(response.headers.get('cache-control')).toBe('no-cache');
  expect(await response.json()).toEqual({
    backend_url: 'https://api.example',
    oidc: {
      issuer: 'https://login.example',
      client_id: 'supply-chain-ui',
      scope: 'openid profile email',
      resource: null,
    },
  });
});
