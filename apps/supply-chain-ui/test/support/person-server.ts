import { serve } from '@aauth-stack/service/http';
import { captureLog } from '@aauth-stack/service/testing';
import { Hono } from 'hono';
import { html } from 'hono/html';

/** The page of a Person Server, as far as whoever opens it notices: it asks, and sends the person back. */
export interface TestPersonServer {
  /** Where a person decides, who is to be sent back to a callback. */
  linkTo: (callback: string) => string;
  stop: () => Promise<void>;
}

export async function startPersonServer(): Promise<TestPersonServer> {
  const app = new Hono().get('/ui/consent', (c) => {
    const callback = new URL(c.req.query('callback') ?? '');
    const denied = new URL(callback);
    denied.searchParams.set('error', 'access_denied');
    return c.html(html`<!doctype html>
<title>Person Server</title>
<h1>Does this code match?</h1>
<p>${c.req.query('code')}</p>
<a href="${callback.href}">Approve</a> <a href="${denied.href}">Deny</a>`);
  });
  const { log } = captureLog();
  const server = await serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, log, drainMs: 100 });
  return {
    linkTo: (callback) =>
      `http://person-server.localhost:${server.port}/ui/consent?${new URLSearchParams({ code: 'K7PL-3BQ9', callback })}`,
    stop: () => server.close(),
  };
}
