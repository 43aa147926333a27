import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Deployment, startDeployment } from '../../test/deployment.ts';

let deployment: Deployment;
let folder: string;

const html = '<!doctype html><title>The portal</title><script type="module" src="/ui/assets/index-1.js"></script>';
const script = `const text = ${JSON.stringify('portal '.repeat(500))};`;

async function build() {
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), html);
  await writeFile(join(folder, 'assets/index-1.js'), script);
  await writeFile(join(folder, 'assets/index-1.css'), 'body{}');
  await writeFile(join(folder, 'assets/icon-1.svg'), '<svg/>');
  await writeFile(join(folder, 'assets/secret.pem'), 'no asset');
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portal-'));
  deployment = await startDeployment({ portal: folder });
});
afterAll(async () => {
  await deployment?.stop();
  await rm(folder, { recursive: true });
});

const get = (path: string, headers: Record<string, string> = {}) => deployment.request(path, { headers });

test('a portal that is not built says so where it would be, and is served as soon as it is built', async () => {
  const response = await get('/ui');
  expect([response.status, response.headers.get('cache-control')]).toEqual([503, 'no-store']);
  expect(await response.text()).toContain('pnpm --filter @aauth-stack/person-portal build');
  expect((await get('/ui/assets/index-1.js')).status).toBe(404);
  expect((await deployment.asPerson('/person/bindings')).status).toBe(200);
  await build();
  expect((await get('/ui')).status).toBe(200);
});

describe('the built portal', () => {
  beforeEach(() => build().catch(() => {}));

  test.each(['', '/agents', '/requests', '/consents', '/tokens', '/activity', '/settings', '/server', '/consent'])(
    'is one page, /ui%s too, that browsers ask for each time',
    async (path) => {
      const response = await get(`/ui${path}`);
      expect([response.status, await response.text()]).toEqual([200, html]);
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(response.headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
      );
      expect(response.headers.get('x-frame-options')).toBe('DENY');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('referrer-policy')).toBe('same-origin');
      expect(response.headers.get('strict-transport-security')).toBeNull();
      expect(response.headers.get('cross-origin-opener-policy')).toBe(
        path === '/consent' ? 'unsafe-none' : 'same-origin',
      );
    },
  );

  test('says itself that there is no such page', async () => {
    const response = await get('/ui/nothing');
    expect([response.status, await response.text()]).toEqual([404, html]);
    const deeper = await get('/ui/nothing/here');
    expect([deeper.status, deeper.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
  });

  test('has assets that a browser may keep, and no other file', async () => {
    for (const [file, type] of [
      ['index-1.js', 'text/javascript; charset=utf-8'],
      ['index-1.css', 'text/css; charset=utf-8'],
      ['icon-1.svg', 'image/svg+xml'],
    ]) {
      const response = await get(`/ui/assets/${file}`);
      expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
      expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    }
    for (const file of ['index-2.js', 'secret.pem', '..%2findex.html', 'a%00b.js']) {
      const response = await get(`/ui/assets/${file}`);
      expect(response.status).toBe(404);
      expect(await response.text()).not.toContain('no asset');
    }
  });

  test('is compressed for whoever takes it', async () => {
    const packed = async (encoding: string) => {
      const response = await get('/ui/assets/index-1.js', { 'accept-encoding': encoding });
      expect(response.headers.get('vary')).toBe('accept-encoding');
      return response;
    };
    // undici decompresses what it asked for itself; the length says what was sent.
    for (const [accepts, encoding] of [
      ['gzip, deflate, br', 'br'],
      ['gzip', 'gzip'],
      ['br;q=0, gzip;q=0.5', 'gzip'],
      ['identity', null],
    ] as const) {
      const response = await packed(accepts);
      expect(response.headers.get('content-encoding')).toBe(encoding);
      const body = Buffer.from(await response.arrayBuffer());
      const text = body.includes('const text')
        ? body
        : encoding === 'br'
          ? brotliDecompressSync(body)
          : gunzipSync(body);
      expect(text.toString()).toBe(script);
    }
  });

  test('leads to its page and to its own address, and nowhere else', async () => {
    for (const path of ['/', '/ui/']) expect((await get(path)).headers.get('location')).toBe('/ui');
    expect((await get('/ui/consent.html?code=K7PL-3BQ9&callback=x')).headers.get('location')).toBe(
      '/ui/consent?code=K7PL-3BQ9&callback=x',
    );
    const elsewhere = (path: string) => fetch(`http://127.0.0.1:${deployment.port}${path}`, { redirect: 'manual' });
    for (const path of ['/ui', '/ui/consent?code=K7PL-3BQ9', '/ui/agents?next=https://evil.example', '/ui/none']) {
      const response = await elsewhere(path);
      expect([response.status, response.headers.get('location')]).toEqual([302, `${deployment.origin}${path}`]);
    }
    expect((await get('/ui', { host: `127.0.0.1:${deployment.port}` })).status).toBe(200);
    expect((await elsewhere('/ui/assets/index-1.js')).status).toBe(200);
  });
});
