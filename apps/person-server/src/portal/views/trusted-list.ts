import { html } from 'hono/html';
import type { TrustedProvider } from '../../agent-providers/trust.ts';
import { type Html, hiddenCsrfField, saidName, serverName, timeSince } from './elements.ts';
import { type ProviderLabel, providerLabel } from './provider-label.ts';

export interface TrustedListOptions {
  /** The deployment's own. */
  own: ProviderLabel;
  trusted: readonly TrustedProvider[];
  csrfToken: string;
  now: number;
}

/** Whose word is taken on who an agent is. */
export function trustedList({ own, trusted, csrfToken, now }: TrustedListOptions): Html {
  return html`<section aria-labelledby="trusted">
  <details>
    <summary><h2 id="trusted">Trusted agent providers <span class="count">${trusted.length + 1}</span></h2></summary>
    <ul class="cards">
      <li class="card"><div class="facts"><p>${providerLabel(own)}</p><p class="hint">This Person Server's own. You approve
        its agents one by one.</p></div></li>
      ${trusted.map((provider) => providerItem(provider, csrfToken, now))}
    </ul>
    <form method="post" action="/ui/agent-providers/trust" class="stacked add">
      ${hiddenCsrfField(csrfToken)}
      <h3>Trust another agent provider</h3>
      <label for="issuer">Address</label>
      <input id="issuer" name="issuer" required autocomplete="off" spellcheck="false" placeholder="https://agents.example"
        aria-describedby="issuer-hint">
      <label for="display_name">Name to show (optional)</label>
      <input id="display_name" name="display_name" maxlength="100" autocomplete="off">
      <p id="issuer-hint" class="hint">Its word on who its agents are is then taken. None of them acts for you before you approve
        it.</p>
      <button class="primary">Trust it</button>
    </form>
  </details>
</section>`;
}

function providerItem({ issuer, displayName, addedAt }: TrustedProvider, csrfToken: string, now: number): Html {
  return html`<li class="card" data-provider="${issuer}">
  <div class="facts"><p>${serverName(issuer)} ${saidName(displayName)}</p>
    <p class="hint">Added ${timeSince(addedAt.toISOString(), now)}</p></div>
  <details class="decide revoke">
    <summary class="refuse">Remove</summary>
    <form method="post" action="/ui/agent-providers/distrust">
      ${hiddenCsrfField(csrfToken)}<input type="hidden" name="issuer" value="${issuer}">
      <p>Its agents get nothing more, and what they hold is revoked.</p>
      <button class="refuse">Remove this provider</button>
    </form>
  </details>
</li>`;
}
