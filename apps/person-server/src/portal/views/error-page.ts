import { html } from 'hono/html';
import type { AssetUrls } from '../assets.ts';
import type { Html } from './elements.ts';
import { errorBlock } from './error-block.ts';
import { layout } from './layout.ts';

export interface ErrorPageOptions {
  assets: AssetUrls;
  csrfToken: string;
  error: { code: string; message: string };
}

export function errorPage({ assets, csrfToken, error }: ErrorPageOptions): Html {
  const content = html`<section class="narrow" aria-labelledby="failed">
  <h1 id="failed">That did not work</h1>
  ${errorBlock(error)}
  <p><a href="/ui">Back to your agents</a></p>
</section>`;
  return layout({ title: 'That did not work', assets, csrfToken, content });
}
