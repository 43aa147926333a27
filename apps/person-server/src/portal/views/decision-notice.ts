import { html } from 'hono/html';
import type { Decision } from '../../decisions/decision-store.ts';
import { type Html, saidName } from './elements.ts';

const done = {
  approve: { text: 'Approved', after: 'It gets its agent token the next time it asks, within seconds.' },
  deny: { text: 'Denied', after: 'It gets no agent token.' },
  revoke: {
    text: 'Revoked',
    after: 'It gets no further token, and the resources that take revocations refuse those it holds.',
  },
  'revoke-token': { text: 'Revoked a token for', after: 'The list of tokens says whether the resource was told.' },
  trust: { text: 'You now trust', after: 'Each of its agents still needs your approval.' },
  distrust: { text: 'You no longer trust', after: 'Its agents get nothing more, and what they held is revoked.' },
} as const satisfies Record<Decision['kind'], { text: string; after: string }>;

/** Says what became of the decision that the person just made. */
export function decisionNotice({ kind, agentName }: Decision): Html {
  const { text, after } = done[kind];
  const gives = kind === 'approve' || kind === 'trust';
  return html`<div class="notice ${gives ? 'consent' : 'refusal'}" role="status">
  <p><span class="meaning" aria-hidden="true">${gives ? '✓' : '✕'}</span> ${text} ${saidName(agentName)}. ${after}</p>
</div>`;
}
