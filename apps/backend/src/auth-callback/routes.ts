import { readFileSync } from 'node:fs';
import { Hono } from 'hono';
import { html } from 'hono/html';

const script = readFileSync(new URL('report-and-close.js', import.meta.url), 'utf8');
const nosniff = { 'x-content-type-options': 'nosniff' };
const headers = {
  ...nosniff,
  'content-security-policy':
    "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/**
 * Where people come back to after they have decided: the page tells the one that sent them, closes itself, and says so where it
 * cannot. How the run goes on does not depend on it.
 *
 * @param openers origins, beside this one, of the pages that open this one
 */
export function authCallbackRoutes(openers: readonly string[]): Hono {
  const app = new Hono();

  app.get('/auth-callback', (c) => {
    const isGranted = c.req.query('error') === undefined;
    const title = isGranted ? 'Thank you' : 'Nothing was granted';
    return c.html(
      html`<!doctype html>
<html lang="en" data-openers="${openers.join(' ')}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark">
    <title>${title}</title>
    <script src="/auth-callback.js" defer></script>
  </head>
  <body>
    <h1>${title}</h1>
    <p>The optimization ${isGranted ? 'goes on' : 'has been told'}. You can close this window.</p>
  </body>
</html>`,
      200,
      headers,
    );
  });

  app.get('/auth-callback.js', (c) =>
    c.body(script, 200, {
      ...nosniff,
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=300',
    }),
  );

  return app;
}
