import { html } from 'hono/html';
import type { Html } from './elements.ts';

/** What went wrong and the way on; the code stands at the end, to copy. */
export function errorBlock({ code, message }: { code: string; message: string }): Html {
  return html`<div class="notice refusal" role="alert">
  <p><span class="meaning" aria-hidden="true">✕</span> ${message}</p>
  <p class="code"><code>${code}</code></p>
</div>`;
}
