import { type Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { html } from 'hono/html';
import { callbackPath, type InteractionRelay } from './interaction-relay.ts';

const cookie = 'interaction';
const cookieSeconds = 3600;

// Nothing on these pages but text; nothing about them is told to where people go on.
const headers = {
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** The pages by which people get from a caller of this agent to the decision that its own call waits for, and back. */
export function interactionRoutes(relay: InteractionRelay, { isSecure }: { isSecure: boolean }): Hono {
  const app = new Hono();

  app.get(callbackPath, (c) => {
    const error = c.req.query('error');
    const back = relay.wayBack(c.req.query('call') ?? '', getCookie(c, cookie), error);
    if (back !== undefined) return redirect(c, back);
    const text = 'The agent that asked you has been told. You can close this window.';
    return error === undefined ? page(c, 200, 'Thank you', text) : page(c, 200, 'Nothing was granted', text);
  });

  app.get('/interaction/:id', (c) => {
    const { code = '', callback } = c.req.query();
    const visit = relay.visit(c.req.param('id'), { code, callback, browser: getCookie(c, cookie) });
    if (visit === 'settled') {
      return page(c, 200, 'Nothing to decide', 'What was asked here has been settled. You can close this window.');
    }
    if (visit === 'invalid') {
      const text =
        'It has been used in another browser, or what it was for has ended. Start again where you were given it.';
      return page(c, 410, 'This link does not lead anywhere', text);
    }
    setCookie(c, cookie, visit.browser, {
      path: '/interaction',
      httpOnly: true,
      sameSite: 'Lax',
      secure: isSecure,
      maxAge: cookieSeconds,
    });
    return redirect(c, visit.goOn);
  });

  return app;
}

function redirect(c: Context, location: string): Response {
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  return c.redirect(location, 303);
}

function page(c: Context, status: 200 | 410, title: string, text: string) {
  return c.html(
    html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark">
    <title>${title}</title>
  </head>
  <body>
    <h1>${title}</h1>
    <p>${text}</p>
  </body>
</html>`,
    status,
    headers,
  );
}
