import { html } from 'hono/html';
import type { Registration } from '../../agent-providers/wire.ts';
import type { Html } from './elements.ts';
import { hiddenCsrfField, identifier, lifetimeBar, saidName, timeSince, timeUntil } from './elements.ts';
import { type ProviderLabel, providerLabel } from './provider-label.ts';

export interface PendingListOptions {
  pending: readonly Registration[];
  provider: ProviderLabel;
  csrfToken: string;
  now: number;
}

/** Agents that wait for the person, the newest first. */
export function pendingList({ pending, ...options }: PendingListOptions): Html {
  return html`<section aria-labelledby="waiting">
  <h2 id="waiting">Waiting for you <span class="count">${pending.length}</span></h2>
  ${
    pending.length === 0
      ? html`<p class="empty">No agent waits for you. A new one appears here when it enrols.</p>`
      : html`<ul class="cards">${pending.map((registration) => pendingItem(registration, options))}</ul>`
  }
</section>`;
}

function pendingItem(registration: Registration, options: Omit<PendingListOptions, 'pending'>): Html {
  const {
    id,
    agent_name: name,
    stable_jkt: thumbprint,
    callback,
    created_at: created,
    expires_at: expires,
  } = registration;
  const { provider, csrfToken, now } = options;
  const form = (action: 'approve' | 'deny', label: string, style: string) => html`<form method="post"
      action="/ui/registrations/${encodeURIComponent(id)}/${action}">
      ${hiddenCsrfField(csrfToken)}<button class="${style}" aria-describedby="agent-${id}">${label}</button></form>`;
  return html`<li class="card waiting" data-registration="${id}">
  <div class="facts">
    <h3><span class="meaning challenge" aria-hidden="true">▣</span> An agent wants to act for you</h3>
    <blockquote class="claim" id="agent-${id}"><p class="label">The agent says its name is</p>${saidName(name)}</blockquote>
    <dl>
      <div><dt>Key thumbprint</dt><dd>${identifier(thumbprint.replace(/^urn:jkt:sha-256:/, ''))}</dd></div>
      <div><dt>Agent provider</dt><dd>${providerLabel(provider)}</dd></div>
      ${callback ? html`<div><dt>Sends you back to</dt><dd>${identifier(callback)}</dd></div>` : ''}
      <div><dt>Asked</dt><dd>${timeSince(created, now)}</dd></div>
      <div><dt>Expires</dt><dd>${timeUntil(expires, now)} ${lifetimeBar(created, expires, now)}</dd></div>
    </dl>
    <p class="hint">Approve it if you started it and the thumbprint is the one that it shows. It may then identify itself as your
      agent, and do what your policy grants without asking, until you revoke it.</p>
  </div>
  <div class="decide">${form('approve', 'Approve', 'primary')}${form('deny', 'Deny', 'refuse')}</div>
</li>`;
}
