import { AAuthError } from '@aauth-stack/aauth/errors';
import type { Step } from '../environment.ts';
import type { AssetUrls } from './assets.ts';
import { errorPage } from './views/error-page.ts';

/** Shows what the person's browser was refused as a page. Status and headers stay those of the problem response. */
export function pageErrors(assets: AssetUrls): Step {
  return async function pageErrors(c, next) {
    await next();
    if (!c.error) return;
    const session = c.get('session');
    const page = await errorPage({
      assets,
      csrfToken: session?.via === 'cookie' ? session.csrfToken : undefined,
      error: shown(c.error),
    });
    c.res = new Response(String(page), {
      status: c.res.status,
      headers: { 'content-type': 'text/html; charset=utf-8' },
    });
  };
}

function shown(error: Error): { code: string; message: string } {
  if (error instanceof AAuthError) return { code: error.code, message: error.message };
  return { code: 'server_error', message: 'Something failed here. The log of the Person Server has the reason.' };
}
