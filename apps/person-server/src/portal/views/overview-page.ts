import { html } from 'hono/html';
import type { AssetUrls } from '../assets.ts';
import type { Overview } from '../overview.ts';
import { agentList } from './agent-list.ts';
import { decisionList } from './decision-list.ts';
import { decisionNotice } from './decision-notice.ts';
import type { Html } from './elements.ts';
import { errorBlock } from './error-block.ts';
import { layout } from './layout.ts';
import { pendingList } from './pending-list.ts';
import { policyDecisionList } from './policy-decision-list.ts';
import { tokenList } from './token-list.ts';
import { trustedList } from './trusted-list.ts';

export interface OverviewPageOptions {
  overview: Overview;
  assets: AssetUrls;
  csrfToken: string;
  now: number;
}

/** Everything that acts, or wants to act, for the person. */
export function overviewPage({ overview, assets, csrfToken, now }: OverviewPageOptions): Html {
  const { lists, notice, decisions, changes, provider, tokens, validTokens, trusted } = overview;
  const content = html`<h1 class="hidden">Your agents</h1>
<div id="news" role="status" data-changes="${changes}"></div>
${notice ? decisionNotice(notice) : ''}
${
  lists.ok
    ? html`${pendingList({ pending: lists.pending, provider, csrfToken, now })}
${agentList({ agents: lists.agents, provider, csrfToken, now })}`
    : errorBlock(lists.error)
}
${tokenList({ tokens, valid: validTokens, csrfToken, now })}
${policyDecisionList({ policy: overview.policy, decisions: overview.policyDecisions, now })}
${trustedList({ own: provider, trusted, csrfToken, now })}
${decisionList({ decisions, now })}`;
  return layout({ title: 'Your agents', assets, csrfToken, content });
}
