import { html } from 'hono/html';
import type { PolicyDecision } from '../../consent/decision-log.ts';
import type { ConsentPolicy } from '../../consent/policy.ts';
import { explainReason } from '../../consent/reasons.ts';
import { type Html, identifier, meaning, saidName, serverName, timeSince } from './elements.ts';

const policies = {
  standing: 'Agents that you approved act for you without asking, but for scopes that need you.',
  'first-use': 'You are to be asked when an agent uses a resource for the first time.',
  always: 'You are to be asked every time.',
} as const satisfies Record<ConsentPolicy, string>;

const wants = { 'aa-person+jwt': 'to be known as yours at', 'aa-auth+jwt': 'access to' } as const satisfies Record<
  PolicyDecision['tokenType'],
  string
>;

export interface PolicyDecisionListOptions {
  policy: ConsentPolicy;
  decisions: readonly PolicyDecision[];
  now: number;
}

/** What was decided in the person's name, and why. */
export function policyDecisionList({ policy, decisions, now }: PolicyDecisionListOptions): Html {
  return html`<section aria-labelledby="policy">
  <details>
    <summary><h2 id="policy">Decided by your policy <span class="count">${decisions.length}</span></h2></summary>
    <p class="hint">${policies[policy]}</p>
    ${
      decisions.length === 0
        ? html`<p class="empty">No agent has asked for anything yet.</p>`
        : html`<div class="scroll"><table>
      <thead><tr><th scope="col">When</th><th scope="col">Agent</th><th scope="col">Wanted</th><th scope="col">Answer</th></tr></thead>
      <tbody>${decisions.map((decision) => row(decision, now))}</tbody>
    </table></div>`
    }
  </details>
</section>`;
}

function row(decision: PolicyDecision, now: number): Html {
  const { decidedAt, agentId, onBehalfOf, tokenType, resource, scope, justification, outcome, reason } = decision;
  return html`<tr>
    <td>${timeSince(decidedAt.toISOString(), now)}</td>
    <td>${identifier(agentId)}${onBehalfOf ? html`<br><span class="quiet">called by</span> ${identifier(onBehalfOf)}` : ''}</td>
    <td>${wants[tokenType]} ${serverName(resource)} ${scope.map((item) => html`<code class="scope">${item}</code> `)}
      ${justification ? html`<blockquote class="claim"><p class="label">The agent says</p>${saidName(justification)}</blockquote>` : ''}</td>
    <td>${outcome === 'granted' ? meaning('consent', '✓', 'Granted') : meaning('refusal', '✕', 'Refused')}<br>
      <span class="quiet">${explainReason(reason)}</span></td>
  </tr>`;
}
