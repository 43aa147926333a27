import { html } from 'hono/html';
import type { Decision } from '../../decisions/decision-store.ts';
import { type Html, saidName, timeSince } from './elements.ts';

const verbs = {
  approve: 'Approve',
  deny: 'Deny',
  revoke: 'Revoke',
  'revoke-token': 'Revoke a token for',
  trust: 'Trust the provider',
  distrust: 'No longer trust the provider',
} as const satisfies Record<Decision['kind'], string>;

const outcomes = {
  sent: 'not confirmed',
  done: 'done',
  refused: 'refused',
  unanswered: 'not confirmed',
} as const satisfies Record<Decision['outcome'], string>;

/** The person's latest decisions, whichever way they were made. */
export function decisionList({ decisions, now }: { decisions: readonly Decision[]; now: number }): Html {
  if (decisions.length === 0) return html``;
  return html`<section aria-labelledby="decisions">
  <details>
    <summary><h2 id="decisions">Your latest decisions</h2></summary>
    <div class="scroll"><table>
      <thead><tr><th scope="col">When</th><th scope="col">Decision</th><th scope="col">Agent, resource or provider</th><th scope="col">Outcome</th></tr></thead>
      <tbody>${decisions.map((decision) => row(decision, now))}</tbody>
    </table></div>
  </details>
</section>`;
}

function row({ kind, agentName, decidedAt, via, outcome, detail }: Decision, now: number): Html {
  return html`<tr>
    <td>${timeSince(decidedAt.toISOString(), now)}</td>
    <td>${verbs[kind]}${via === 'bearer' ? ' (by script)' : ''}</td>
    <td>${saidName(agentName)}</td>
    <td>${outcomes[outcome]}${detail ? html`: ${detail}` : ''}</td>
  </tr>`;
}
