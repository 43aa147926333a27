import { html } from 'hono/html';
import type { Decision } from '../../decisions/decision-store.ts';
import { type Html, saidName } from './elements.ts';

const done = {
  approve: { text: 'Approved', after: 'It gets its agent token the next time it asks, within seconds.' },
  deny: { text: 'Denied', after: 'It gets no agent token.' },
  revoke: { text: 'Revoked', after: 'It gets no further agent token.' },
} as const satisfies Record<Decision['kind'], { text: string; after: string }>;

/** Says what became of the decision that the person just made. */
export function decisionNotice({ kind, agentName }: Decision): Html {
  const { text, after } = done[kind];
  return html`<div class="notice ${kind === 'approve' ? 'consent' : 'refusal'}" role="status">
  <p><span class="meaning" aria-hidden="true">${kind === 'approve' ? '✓' : '✕'}</span> ${text} ${saidName(agentName)}. ${after}</p>
</div>`;
}
