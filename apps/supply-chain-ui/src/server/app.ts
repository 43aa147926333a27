import { healthRoutes, requestLogger } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import type { BuiltPages } from '@aauth-stack/service/pages';
import { type Context, Hono } from 'hono';
import type { PageSettings } from '../api/settings.ts';
import { keepOpener, securityHeaders } from './security-headers.ts';

/** The addresses that the one page has something to show for. Of any other it says itself that there is nothing. */
const pagePaths = ['/', '/runs/:requestId', '/history', '/how-it-works', '/signed-in'];

const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The pages are not built</title>
<h1>The pages are not built</h1>
<p>The server runs, but its pages have not been built in this checkout.</p>
<p>Run <code>pnpm --filter @aauth-stack/supply-chain-ui build</code> and load this page again.
  <code>scripts/start-infra.sh</code> does it by itself.</p>
`;

export interface AppOptions {
  pages: BuiltPages;
  settings: PageSettings;
  /** Origins that the pages may call, beside their own. */
  connectOrigins: readonly string[];
  log: Logger;
}

/** Serves the built pages, and tells them where everything is. */
export function createApp({ pages, settings, connectOrigins, log }: AppOptions): Hono {
  const app = new Hono();
  app.onError((error, c) => {
    log.error({ err: error }, 'a request failed');
    return c.text('The server of these pages has failed. Its log says why.', 500, { 'cache-control': 'no-store' });
  });
  app.use(requestLogger(log));
  app.use(securityHeaders(connectOrigins));

  const page = (status: 200 | 404) => async (c: Context) =>
    (await pages.page(c.req.raw, status)) ?? c.html(notBuilt, 503, { 'cache-control': 'no-store', 'retry-after': '5' });

  app.route(
    '/',
    healthRoutes({
      readyz: {
        pages: async () => {
          if (!(await pages.page(new Request('http://localhost/'), 200))) throw new Error('the pages are not built');
        },
      },
    }),
  );
  app.get('/config.json', (c) => c.json(settings, 200, { 'cache-control': 'no-cache' }));
  app.get('/assets/:file', async (c) => {
    const file = await pages.asset(c.req.raw, c.req.param('file'));
    return file ?? c.text('There is no such file in this build.', 404, { 'cache-control': 'no-store' });
  });
  app.get('/:file{[a-z-]+\\.html}', async (c, next) => {
    return (await pages.otherPage(c.req.raw, c.req.param('file'))) ?? next();
  });
  for (const path of pagePaths) app.get(path, page(200));
  app.get('/auth-callback', keepOpener, page(200));
  app.get('*', page(404));
  return app;
}
