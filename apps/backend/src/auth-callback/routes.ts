import { readFileSync } from 'node:fs';
import { plainPage } from '@aauth-stack/service/pages';
import { Hono } from 'hono';
import { html } from 'hono/html';

const script = readFileSync(new URL('report-and-close.js', import.meta.url), 'utf8');

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
    return plainPage({
      title: isGranted ? 'Thank you' : 'Nothing was granted',
      content: html`<p>The optimization ${isGranted ? 'goes on' : 'has been told'}. You can close this window.</p>`,
      script: { src: '/auth-callback.js', data: { openers: openers.join(' ') } },
    });
  });

  app.get('/auth-callback.js', (c) =>
    c.body(script, 200, {
      'x-content-type-options': 'nosniff',
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=300',
    }),
  );

  return app;
}
