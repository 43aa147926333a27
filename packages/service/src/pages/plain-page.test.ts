import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { html } from 'hono/html';
import { expect, it } from 'vitest';
import { plainPage } from './plain-page.ts';

const hostile = '"><script>alert(1)</script>';

it('writes what it is told as text, whatever it is', async () => {
  const script = { src: '/own.js', data: { openers: hostile } };
  const page = await plainPage({ title: hostile, content: html`<p>${hostile}</p>`, status: 410, script });
  expect(page.status).toBe(410);
  const text = await page.text();
  expect(text).not.toContain(hostile);
  expect(text.match(/<script[^>]*>/g)).toEqual(['<script src="/own.js" defer>']);
  expect(text).toContain('<p>&quot;&gt;&lt;script&gt;');
});

it('lets the browser load nothing but its style and the script that it names', async () => {
  const policies = ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"];
  const page = await plainPage({ title: 'Thank you', content: html`<p>You can close this window.</p>` });
  const policy = page.headers.get('content-security-policy')?.split('; ') ?? [];
  const text = await page.text();
  const [, style = ''] = /<style>([\s\S]*)<\/style>/.exec(text) ?? [];
  const hash = createHash('sha256').update(style).digest('base64');
  expect(policy.toSorted()).toEqual([...policies, `style-src 'sha256-${hash}'`].toSorted());
  expect(Object.fromEntries(page.headers)).toMatchObject({
    'cache-control': 'no-store',
    'content-type': 'text/html; charset=utf-8',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
  const scripted = await plainPage({ title: 'Thank you', content: html`x`, script: { src: '/own.js', data: {} } });
  expect(scripted.headers.get('content-security-policy')).toContain("; script-src 'self'; ".slice(1));
});

it('has the colours and type of our user interfaces', () => {
  const read = (path: string) =>
    [...readFileSync(new URL(path, import.meta.url), 'utf8').matchAll(/--[\w-]+: [^;]+;/g)].map(([token]) => token);
  const tokens = read('../../../ui/src/styles/tokens.css');
  const ours = read('plain-page.css');
  expect(ours.length).toBeGreaterThan(5);
  expect(ours.filter((token) => !tokens.includes(token))).toEqual([]);
});
