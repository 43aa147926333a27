import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { html, raw } from 'hono/html';

export interface PlainPage {
  title: string;
  /** What stands below the title: HTML, as `html` of Hono makes it. */
  content: ReturnType<typeof html>;
  status?: number;
  /** A script of this origin, and what the page hands to it. */
  script?: { src: string; data: Readonly<Record<string, string>> };
}

const style = readFileSync(new URL('plain-page.css', import.meta.url), 'utf8');
const styleHash = createHash('sha256').update(style).digest('base64');

/**
 * A page of a few words, in the looks of our user interfaces and without anything to load: for services that have no user interface
 * but meet people now and then. Nothing can frame it, nothing is told to where people go on, and it is kept nowhere.
 */
export async function plainPage({ title, content, status = 200, script }: PlainPage): Promise<Response> {
  const data = Object.entries(script?.data ?? {}).map(([name, value]) => html` data-${name}="${value}"`);
  const document = await html`<!doctype html>
<html lang="en"${data}>
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title}</title>
    <style>${raw(style)}</style>
    ${script && html`<script src="${script.src}" defer></script>`}
  </head>
  <body>
    <main>
      <h1>${title}</h1>
      ${content}
    </main>
  </body>
</html>`;
  const scripts = script ? " script-src 'self';" : '';
  return new Response(document.toString(), {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none';${scripts} style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    },
  });
}
