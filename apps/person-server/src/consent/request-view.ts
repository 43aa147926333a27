import type { Clock } from '@aauth-stack/aauth/clock';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { and, eq, gt, isNull } from 'drizzle-orm';
import { agentLabel } from '../agents/agent-label.ts';
import { listClarifications, maxRounds } from '../clarification/clarifications.ts';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { agents, consents, issuedTokens, type PendingRequestStatus } from '../db/schema.ts';
import { type CallbackError, callbackUrl } from '../interaction/callback.ts';
import type { InteractionCodes } from '../interaction/interaction-code.ts';
import { resourceInteraction } from '../interaction/resource-interaction.ts';
import type { PendingRequest } from '../pending/pending-requests.ts';
import { wasGranted } from '../resources/uses.ts';
import type { Parties } from './parties.ts';

export interface RequestViewOptions {
  db: Database;
  issuer: ServerIdentifier;
  codes: InteractionCodes;
  parties: Parties;
  /** Seconds. */
  tokenLifetime: number;
  now: Clock;
}

// What the person reads of a request that could not go on.
const shownAs = { failed: 'expired' } as const satisfies Partial<Record<PendingRequestStatus, PendingRequestStatus>>;

/** A request as the portal shows it: what this server knows, what the resource says, and what the agent says, apart. */
export function createRequestView({ db, issuer, codes, parties, tokenLifetime, now }: RequestViewOptions) {
  return async function viewRequest(request: PendingRequest) {
    const { id, type, status, scope, agentProvider, agentId, onBehalfOf } = request;
    const [resource, provider, agent, liveTokens, isFirstUse, principal, questions] = await Promise.all([
      parties.resource(request.resource),
      parties.provider(agentProvider),
      agentRow(db, agentProvider, agentId),
      countLive(db, agentProvider, agentId, now()),
      firstUse(db, request),
      onBehalfOf === null ? undefined : agentRow(db, undefined, onBehalfOf),
      listClarifications(db, id),
    ]);
    const ends = [request.agentTokenExpiresAt, request.presentedExpiresAt, request.upstreamExpiresAt];
    return {
      pending_id: id,
      pending_kind: type === 'aa-person+jwt' ? 'person-token' : 'auth-token',
      status: status === 'failed' ? shownAs.failed : status,
      code: codes.codeOf(id),
      created_at: iso(request.createdAt),
      expires_at: iso(request.expiresAt),
      decided_at: iso(request.decidedAt),
      agent: {
        agent_id: agentId,
        agent_name: agent?.name ?? (request.upstreamJti === null ? undefined : provider.name) ?? agentLabel(agentId),
        agent_provider: agentProvider,
        provider_name: provider.name ?? null,
        jkt: request.jkt,
        approved_at: iso(agent?.approvedAt),
        live_tokens: liveTokens,
        platform: request.platform,
        device: request.device,
      },
      on_behalf_of:
        onBehalfOf === null ? null : { agent_id: onBehalfOf, agent_name: principal?.name ?? agentLabel(onBehalfOf) },
      resource: { ...resource.shown(scope), first_use: isFirstUse },
      scopes: scope,
      needs_person_scopes: request.needsPerson,
      identity_scopes: [],
      reason: request.reason,
      justification: request.justification,
      account: request.account,
      tenant: request.tenant,
      login_hint: request.loginHint,
      grant_until: iso(earliest(toDate(now() + tokenLifetime), ends)),
      can_remember: request.mayBeRemembered,
      questions: questions.map(({ question, askedAt, answer, answeredAt, updatedRequest }) => ({
        question,
        asked_at: iso(askedAt),
        answer,
        answered_at: iso(answeredAt),
        updated_request: updatedRequest,
      })),
      questions_left: request.capabilities.includes('clarification') ? maxRounds - questions.length : 0,
      interaction: resourceInteraction({ issuer, codes }, request),
      granted_scopes: status === 'approved' ? request.grantedScope : null,
      remembered: request.remembered,
      redirect_url: redirectUrl(request),
    };
  };
}

export type ViewRequest = ReturnType<typeof createRequestView>;

// What the agent's page is told, by how the request ended; nothing when there is a token.
const callbackErrorOf: Readonly<Record<PendingRequestStatus, CallbackError | undefined>> = {
  pending: undefined,
  interacting: undefined,
  clarifying: undefined,
  approved: undefined,
  denied: 'access_denied',
  expired: 'interaction_expired',
  abandoned: 'user_abandoned',
  cancelled: 'interaction_expired',
  revoked: 'access_denied',
  failed: 'server_error',
};

function redirectUrl({ callback, decidedAt, status }: PendingRequest): string | null {
  return callback === null || decidedAt === null ? null : callbackUrl(callback, callbackErrorOf[status]);
}

function iso(date: Date | null | undefined): string | null {
  return date?.toISOString() ?? null;
}

function earliest(first: Date, others: readonly (Date | null)[]): Date {
  return others.reduce<Date>((least, date) => (date !== null && date < least ? date : least), first);
}

async function agentRow(db: Database, agentProvider: string | undefined, agentId: string) {
  const [row] = await db
    .select()
    .from(agents)
    .where(
      and(
        agentProvider === undefined ? undefined : eq(agents.agentProvider, agentProvider),
        eq(agents.agentId, agentId),
      ),
    );
  return row;
}

async function countLive(db: Database, agentProvider: string, agentId: string, time: number): Promise<number> {
  return db.$count(
    issuedTokens,
    and(
      eq(issuedTokens.agentProvider, agentProvider),
      eq(issuedTokens.agentId, agentId),
      isNull(issuedTokens.revokedAt),
      gt(issuedTokens.expiresAt, toDate(time)),
    ),
  );
}

async function firstUse(db: Database, { personId, resource, id }: PendingRequest): Promise<boolean> {
  if (personId === null) return true;
  const [given] = await db
    .select({ pendingId: consents.pendingId })
    .from(consents)
    .where(and(eq(consents.personId, personId), eq(consents.resource, resource)))
    .limit(2);
  if (given && given.pendingId !== id) return false;
  return !(await wasGranted(db, personId, resource));
}
