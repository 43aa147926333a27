import { html } from 'hono/html';
import type { Binding } from '../../agent-providers/wire.ts';
import { type Html, hiddenCsrfField, identifier, meaning, saidName, timeSince } from './elements.ts';
import { type ProviderLabel, providerLabel } from './provider-label.ts';

export interface AgentListOptions {
  agents: readonly Binding[];
  provider: ProviderLabel;
  csrfToken: string;
  now: number;
}

/** The agents that act for the person, and below them, folded, those that no longer do. */
export function agentList({ agents, ...options }: AgentListOptions): Html {
  const active = agents.filter(({ revoked }) => !revoked);
  const revoked = agents.filter((agent) => agent.revoked);
  return html`<section aria-labelledby="active">
  <h2 id="active">Active agents <span class="count">${active.length}</span></h2>
  ${
    active.length === 0
      ? html`<p class="empty">No agent acts for you.</p>`
      : html`<ul class="cards">${active.map((agent) => agentItem(agent, options))}</ul>`
  }
</section>
${revoked.length === 0 ? '' : revokedSection(revoked, options)}`;
}

function revokedSection(agents: readonly Binding[], options: Omit<AgentListOptions, 'agents'>): Html {
  return html`<section aria-labelledby="revoked">
  <details>
    <summary><h2 id="revoked">Revoked agents <span class="count">${agents.length}</span></h2></summary>
    <ul class="cards">${agents.map((agent) => agentItem(agent, options))}</ul>
  </details>
</section>`;
}

function agentItem(agent: Binding, { provider, csrfToken, now }: Omit<AgentListOptions, 'agents'>): Html {
  const { agent_id: id, agent_name: name, revoked, stable_key_thumbprints: thumbprints } = agent;
  return html`<li class="card" data-agent="${id}">
  <div class="facts">
    <h3>${revoked ? meaning('refusal', '✕', 'Revoked') : meaning('identity', '●', 'Active')} ${saidName(name)}</h3>
    <dl>
      <div><dt>Identifier</dt><dd>${identifier(id)}</dd></div>
      <div><dt>Agent provider</dt><dd>${providerLabel(provider)}</dd></div>
      <div><dt>Enrolled</dt><dd>${timeSince(agent.created_at, now)}</dd></div>
      <div><dt>Last seen</dt><dd>${agent.last_seen_at ? timeSince(agent.last_seen_at, now) : 'never'}</dd></div>
      ${agent.revoked_at ? html`<div><dt>Revoked</dt><dd>${timeSince(agent.revoked_at, now)}</dd></div>` : ''}
      <div><dt>${thumbprints.length === 1 ? 'Key' : 'Keys'}</dt><dd>${
        thumbprints.length === 0
          ? 'none'
          : html`<ul class="keys">${thumbprints.map((jkt) => html`<li>${identifier(jkt.replace(/^urn:jkt:sha-256:/, ''))}</li>`)}</ul>`
      }</dd></div>
    </dl>
  </div>
  ${revoked ? '' : revokeForm(agent, csrfToken)}
</li>`;
}

// Revoking is two steps, without a script: what will happen is read before the button is there.
function revokeForm({ agent_id: id, agent_name: name }: Binding, csrfToken: string): Html {
  return html`<details class="decide revoke">
    <summary class="refuse">Revoke</summary>
    <form method="post" action="/ui/agents/${encodeURIComponent(id)}/revoke">
      ${hiddenCsrfField(csrfToken)}
      <p>${saidName(name)} gets no further token of any kind, and what it holds is revoked: its next request is refused at once,
        wherever a resource takes revocations. Elsewhere its tokens work until they expire. This cannot be undone: to act for you
        again it has to enrol with a new key.</p>
      <button class="refuse">Revoke this agent</button>
    </form>
  </details>`;
}
