import { html } from 'hono/html';
import type { AssetUrls } from '../assets.ts';
import type { Html } from './elements.ts';
import { errorBlock } from './error-block.ts';
import { layout } from './layout.ts';

export interface SignInPageOptions {
  assets: AssetUrls;
  /** Why the last attempt failed. */
  error?: { code: string; message: string };
}

export function signInPage({ assets, error }: SignInPageOptions): Html {
  const content = html`<section class="narrow" aria-labelledby="sign-in">
  <h1 id="sign-in">Sign in</h1>
  ${error === undefined ? '' : errorBlock(error)}
  <form method="post" action="/ui/sign-in" class="stacked">
    <label for="token">Portal token</label>
    <input id="token" name="token" type="password" autocomplete="current-password" required autofocus
      aria-describedby="token-hint">
    <p id="token-hint" class="hint">The value of <code>AAUTH_PORTAL_TOKEN</code>, or the one that this server showed when it
      started for the first time.</p>
    <button class="primary">Sign in</button>
  </form>
</section>`;
  return layout({ title: 'Sign in', assets, content });
}
