import { plainPage } from '@aauth-stack/service/pages';
import { type Context, Hono } from 'hono';
import { generateCookie, getCookie } from 'hono/cookie';
import { html } from 'hono/html';
import { callbackPath, type InteractionRelay, type SentOn } from './interaction-relay.ts';

const cookie = 'interaction';
const cookieSeconds = 3600;

/** The pages by which people get from a caller of this agent to the decision that its own call waits for, and back. */
export function interactionRoutes(relay: InteractionRelay, { identifier }: { identifier: string }): Hono {
  const isSecure = new URL(identifier).protocol === 'https:';
  const app = new Hono();

  app.get(callbackPath, (c) => {
    const error = c.req.query('error');
    const back = relay.wayBack(c.req.query('call') ?? '', getCookie(c, cookie), error);
    if (back !== undefined) return redirect(c, back);
    const text = 'The agent that asked you has been told. You can close this window.';
    return say(error === undefined ? 'Thank you' : 'Nothing was granted', text);
  });

  app.get('/interaction/:id', async (c) => {
    const { code = '', callback } = c.req.query();
    const visit = relay.visit(c.req.param('id'), { code, callback, browser: getCookie(c, cookie) });
    if (visit === 'settled') {
      return say('Nothing to decide', 'What was asked here has been settled. You can close this window.');
    }
    if (visit === 'invalid') {
      const text =
        'It has been used in another browser, or what it was for has ended. Start again where you were given it.';
      return say('This link does not lead anywhere', text, 410);
    }
    const page = await goOn(identifier, visit);
    const options = {
      path: '/interaction',
      httpOnly: true,
      sameSite: 'Lax',
      secure: isSecure,
      maxAge: cookieSeconds,
    } as const;
    page.headers.append('set-cookie', generateCookie(cookie, visit.browser, options));
    return page;
  });

  return app;
}

function redirect(c: Context, location: string): Response {
  c.header('referrer-policy', 'no-referrer');
  c.header('cache-control', 'no-store');
  return c.redirect(location, 303);
}

function say(title: string, text: string, status = 200): Promise<Response> {
  return plainPage({ title, content: html`<p>${text}</p>`, status });
}

/** The next page shows the code that this agent was told, not the one that the person was: whoever compares has to know both. */
function goOn(identifier: string, { code, next }: SentOn): Promise<Response> {
  const { host } = new URL(next.url);
  const content = html`<p><code>${new URL(identifier).host}</code>, which your agent called, has to call another service in your name. Whether it may is decided at <code>${host}</code>.</p>
      <dl>
        <dt>You were shown</dt>
        <dd><code>${code}</code></dd>
        <dt>The next page shows</dt>
        <dd><code>${next.code}</code></dd>
      </dl>
      <p>If you were shown another code, or the next page shows another, stop there: somebody else may have sent you.</p>
      <a class="onward" href="${next.url}">Continue at ${host}</a>`;
  return plainPage({ title: 'Another step needs your decision', content });
}
