import { type IdentifierPolicy, parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { z } from 'zod';
import { totalChanges } from '../agent-providers/changes.ts';
import type { TrustDecisions } from '../agent-providers/trust-decisions.ts';
import type { Agents } from '../agents/agents.ts';
import { agentId } from '../agents/routes.ts';
import type { Database } from '../db/database.ts';
import { enrolmentId } from '../enrolments/enrolment-id.ts';
import type { Enrolments } from '../enrolments/enrolments.ts';
import type { AppContext } from '../environment.ts';
import { readForm } from '../session/form.ts';
import { currentSession } from '../session/person-session.ts';
import { tokenId } from '../tokens/routes.ts';
import type { TokenDecisions } from '../tokens/token-decisions.ts';
import type { AssetUrls } from './assets.ts';
import { loadOverview, type OverviewOptions } from './overview.ts';
import { overviewPage } from './views/overview-page.ts';
import { signInPage } from './views/sign-in-page.ts';

export interface PageOptions extends OverviewOptions {
  assets: AssetUrls;
}

/** GET /ui: the person's agents, or the sign-in where nobody is signed in. */
export function page(options: PageOptions) {
  const { assets, now } = options;
  return async (c: AppContext) => {
    const session = c.get('session');
    if (session?.via !== 'cookie') return c.html(signInPage({ assets }));
    const overview = await loadOverview(options, session.personId, decisionId(c));
    const status = overview.lists.ok ? 200 : 503;
    return c.html(overviewPage({ overview, assets, csrfToken: session.csrfToken, now: now() }), status);
  };
}

function decisionId(c: AppContext): string | undefined {
  return z.uuid().safeParse(c.req.query('decision')).data;
}

/** GET /ui/changes: a number that grows when something changed, for the script of an open page. */
export function changes(db: Database) {
  return async (c: AppContext) => c.json({ changes: await totalChanges(db) });
}

/** POST /ui/registrations/{id}/approve */
export function approveForm(enrolments: Enrolments) {
  return async (c: AppContext) => showDecision(c, await enrolments.approve(currentSession(c), enrolmentId(c)));
}

/** POST /ui/registrations/{id}/deny */
export function denyForm(enrolments: Enrolments) {
  return async (c: AppContext) => showDecision(c, await enrolments.deny(currentSession(c), enrolmentId(c)));
}

/** POST /ui/agents/{agent_id}/revoke */
export function revokeForm(agents: Agents) {
  return async (c: AppContext) => showDecision(c, await agents.revoke(currentSession(c), agentId(c)));
}

/** POST /ui/tokens/{jti}/revoke */
export function revokeTokenForm(tokenDecisions: TokenDecisions) {
  return async (c: AppContext) => showDecision(c, await tokenDecisions.revoke(currentSession(c), tokenId(c)));
}

/** POST /ui/agent-providers/trust: `issuer` and, if the person wants to call it otherwise, `display_name`. */
export function trustForm(trustDecisions: TrustDecisions, identifiers: IdentifierPolicy) {
  return async (c: AppContext) => {
    const form = await readForm(c);
    const issuer = parseServerIdentifier(form.get('issuer')?.trim(), identifiers);
    const name = form.get('display_name')?.trim() || undefined;
    return showDecision(c, await trustDecisions.add(currentSession(c), issuer, name));
  };
}

/** POST /ui/agent-providers/distrust: `issuer`. */
export function distrustForm(trustDecisions: TrustDecisions, identifiers: IdentifierPolicy) {
  return async (c: AppContext) => {
    const issuer = parseServerIdentifier((await readForm(c)).get('issuer'), identifiers);
    return showDecision(c, await trustDecisions.remove(currentSession(c), issuer));
  };
}

// The address names the decision, so what the page says of it comes from the record and not from the address.
function showDecision(c: AppContext, { decisionId }: { decisionId: string }): Response {
  return c.redirect(`/ui?decision=${decisionId}`, 303);
}
