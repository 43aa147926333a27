import { fileURLToPath } from 'node:url';
import { RequestError } from '@aauth-stack/aauth/errors';
import type { Logger } from '@aauth-stack/service/logger';
import { createBuiltPages } from '@aauth-stack/service/pages';
import type { AppContext } from '../environment.ts';

/** Where `pnpm run build` of apps/person-portal leaves the portal. */
export const builtPortalFolder = fileURLToPath(new URL('../../../person-portal/dist/', import.meta.url));

/** The portal's own pages. Whatever else is under /ui, it says itself that there is no such page. */
const pages = ['agents', 'requests', 'consents', 'tokens', 'activity', 'settings', 'server', 'consent'];

const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The portal is not built</title>
<h1>The portal is not built</h1>
<p>The Person Server runs, but its pages have not been built in this checkout.</p>
<p>Run <code>pnpm --filter @aauth-stack/person-portal build</code> and load this page again.
  <code>scripts/start-infra.sh</code> does it by itself.</p>
`;

export interface PortalRoutes {
  /** GET /ui and GET /ui/{page} */
  page(c: AppContext): Promise<Response>;
  /** GET /ui/assets/{file}: names hold a hash of the content, so a browser may keep a file for ever. */
  asset(c: AppContext): Promise<Response>;
}

/** Serves the built portal. It holds nothing about anybody: what the pages show they ask for with the person's session. */
export function createPortalRoutes(options: { folder: string; log: Logger }): PortalRoutes {
  const built = createBuiltPages(options);
  return {
    page: async (c) => {
      const name = c.req.param('page');
      const page = await built.page(c.req.raw, name === undefined || pages.includes(name) ? 200 : 404);
      return page ?? c.html(notBuilt, 503, { 'cache-control': 'no-store', 'retry-after': '5' });
    },
    asset: async (c) => {
      const file = await built.asset(c.req.raw, c.req.param('file') ?? '');
      if (file) return file;
      throw new RequestError('not_found', 'The portal has no such file.', { status: 404 });
    },
  };
}
