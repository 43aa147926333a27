import { RequestError } from '@aauth-stack/aauth/errors';
import type { Logger } from '@aauth-stack/service/logger';
import type { AppContext } from '../environment.ts';
import { type BuiltPortal, loadBuiltPortal, type PortalFile } from './built-portal.ts';
import { acceptedEncoding, createCompression } from './compress.ts';

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
export function createPortalRoutes({ folder, log }: { folder: string; log: Logger }): PortalRoutes {
  const compress = createCompression();
  let loading: Promise<BuiltPortal | undefined> | undefined;

  const load = async (): Promise<BuiltPortal | undefined> => {
    loading ??= loadBuiltPortal(folder);
    const portal = await loading.catch((error: unknown) => {
      log.error({ err: error, folder }, 'The built portal cannot be read.');
      return undefined;
    });
    // It may be built while this server runs.
    if (!portal) loading = undefined;
    return portal;
  };

  const send = async (c: AppContext, { content, type }: PortalFile, cacheControl: string, status: 200 | 404 = 200) => {
    const encoding = acceptedEncoding(c.req.header('accept-encoding'));
    const body = encoding ? await compress(content, encoding) : content;
    return c.body(new Uint8Array(body), status, {
      'content-type': type,
      'cache-control': cacheControl,
      vary: 'accept-encoding',
      ...(encoding && { 'content-encoding': encoding }),
    });
  };

  return {
    page: async (c) => {
      const portal = await load();
      if (!portal) return c.html(notBuilt, 503, { 'cache-control': 'no-store', 'retry-after': '5' });
      const name = c.req.param('page');
      return send(c, portal.page, 'no-cache', name === undefined || pages.includes(name) ? 200 : 404);
    },
    asset: async (c) => {
      const file = (await load())?.assets.get(c.req.param('file') ?? '');
      if (file) return send(c, file, 'public, max-age=31536000, immutable');
      throw new RequestError('not_found', 'The portal has no such file.', { status: 404 });
    },
  };
}
