import { AAuthError } from '@aauth-stack/aauth/errors';
import type { Step } from '../environment.ts';
import type { AssetUrls } from './assets.ts';
import { errorPage } from './views/error-page.ts';
import { signInPage } from './views/sign-in-page.ts';

/**
 * Shows what the person's browser was refused as a page: to whoever is not signed in, the sign-in. Status and headers stay those of
 * the problem response.
 */
export function pageErrors(assets: AssetUrls): Step {
  return async function pageErrors(c, next) {
    await next();
    if (!c.error) return;
    const session = c.get('session');
    const error = shown(c.error);
    const page =
      session?.via === 'cookie'
        ? await errorPage({ assets, csrfToken: session.csrfToken, error })
        : await signInPage({ assets, error });
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
