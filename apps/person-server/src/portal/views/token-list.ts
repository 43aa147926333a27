import { html } from 'hono/html';
import type { ListedToken } from '../../tokens/records.ts';
import { type Html, hiddenCsrfField, identifier, meaning, serverName, timeSince, timeUntil } from './elements.ts';

export interface TokenListOptions {
  /** The newest. */
  tokens: readonly ListedToken[];
  /** How many of all are valid. */
  valid: number;
  csrfToken: string;
  now: number;
}

const types = {
  'aa-person+jwt': { name: 'Person token', grants: 'says that it acts for you' },
  'aa-auth+jwt': { name: 'Auth token', grants: 'no named scope' },
} as const satisfies Record<ListedToken['type'], { name: string; grants: string }>;

const notices = {
  waiting: 'The resource is being told.',
  told: 'The resource refuses it.',
  unsupported: 'The resource takes no revocations: it may work there until it expires.',
  refused: 'The resource did not take the revocation: it may work there until it expires.',
} as const satisfies Record<NonNullable<ListedToken['notice']>, string>;

/** What the agents hold: tokens that were issued for the person and have not expired. */
export function tokenList({ tokens, valid, ...options }: TokenListOptions): Html {
  const hidden = tokens.length > 0 && tokens.filter(({ revokedAt }) => !revokedAt).length < valid;
  return html`<section aria-labelledby="tokens">
  <details>
    <summary><h2 id="tokens">Tokens your agents hold <span class="count">${valid}</span></h2></summary>
    ${
      tokens.length === 0
        ? html`<p class="empty">No agent holds a token of yours. One appears here when an agent calls a resource for you.</p>`
        : html`<div class="scroll"><table>
      <thead><tr><th scope="col">Token</th><th scope="col">For</th><th scope="col">Agent</th><th scope="col">Issued</th><th scope="col">Expires</th><th scope="col">State</th></tr></thead>
      <tbody>${tokens.map((token) => row(token, options))}</tbody>
    </table></div>`
    }
    ${hidden ? html`<p class="hint">The newest ${tokens.length} are shown.</p>` : ''}
  </details>
</section>`;
}

function row(token: ListedToken, { csrfToken, now }: Pick<TokenListOptions, 'csrfToken' | 'now'>): Html {
  const { jti, type, audience, scope, agentId, issuedAt, expiresAt, upstreamJti } = token;
  const { name, grants } = types[type];
  return html`<tr data-token="${jti}">
    <td>${name}<br>${scope.length > 0 ? scope.map((item) => html`<code class="scope">${item}</code> `) : html`<span class="quiet">${grants}</span>`}</td>
    <td>${serverName(audience)}</td>
    <td>${identifier(agentId)}${upstreamJti ? html`<br><span class="quiet">for another agent’s call</span>` : ''}</td>
    <td>${timeSince(issuedAt.toISOString(), now)}</td>
    <td>${timeUntil(expiresAt.toISOString(), now)}</td>
    <td>${token.revokedAt ? revoked(token) : revokeForm(token, csrfToken)}</td>
  </tr>`;
}

function revoked({ notice }: ListedToken): Html {
  return html`${meaning('refusal', '✕', 'Revoked')}<br><span class="quiet">${notices[notice ?? 'waiting']}</span>`;
}

function revokeForm({ jti, type, audience }: ListedToken, csrfToken: string): Html {
  return html`<details class="revoke">
    <summary class="refuse">Revoke</summary>
    <form method="post" action="/ui/tokens/${encodeURIComponent(jti)}/revoke">
      ${hiddenCsrfField(csrfToken)}
      <p>${audience} is told to refuse this ${types[type].name.toLowerCase()}, and so is everybody with what was issued on the
        strength of it. The agent can ask for another one: to stop it, revoke the agent.</p>
      <button class="refuse">Revoke this token</button>
    </form>
  </details>`;
}
