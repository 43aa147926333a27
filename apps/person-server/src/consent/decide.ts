import type { Clock } from '@aauth-stack/aauth/clock';
import { RequestError } from '@aauth-stack/aauth/errors';
import { type IdentifierPolicy, parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { Logger } from '@aauth-stack/service/logger';
import { and, eq, isNull, or, type SQL } from 'drizzle-orm';
import { recordAgentProvider } from '../agent-providers/record-provider.ts';
import { recordOwner } from '../agents/ownership.ts';
import { listClarifications, maxRounds } from '../clarification/clarifications.ts';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { clarifications, pendingRequests } from '../db/schema.ts';
import { noteFirstSeen, noteRequest } from '../pending/note-request.ts';
import { unknownRequest } from '../pending/pending-id.ts';
import {
  announcePending,
  expireOverdue,
  findPending,
  isOpen,
  listOpen,
  ofAgent,
  type PendingRequest,
} from '../pending/pending-requests.ts';
import { checkFreshness } from '../session/check-freshness.ts';
import type { PersonSession } from '../session/person-session.ts';
import { recordConsent } from './consents.ts';
import { traceDecision } from './trace-decision.ts';

/** Seconds in which what was allowed once can be used. */
const onceLifetime = 600;

export interface DecideOptions {
  db: Database;
  identifiers: IdentifierPolicy;
  now: Clock;
  log: Logger;
}

interface Approval {
  /** What the person grants of what is asked for; all of it when undefined. */
  readonly scopes: readonly string[] | undefined;
  /** Whether later requests of the agent for the same are granted without asking. */
  readonly remember: boolean;
}

/** What the person decides about requests. One decision counts; whoever comes second is told. */
export interface Decisions {
  /** @throws RequestError 400 | 404 | 409 | 410 */
  approve(session: PersonSession, id: string, approval: Approval): Promise<PendingRequest>;
  /** @throws RequestError 404 | 409 | 410 */
  deny(session: PersonSession, id: string): Promise<PendingRequest>;
  /** Puts a question to the agent. @throws RequestError 404 | 409 | 410 */
  askAgent(session: PersonSession, id: string, question: string): Promise<PendingRequest>;
}

export function createDecisions(options: DecideOptions): Decisions {
  const { db, now, log } = options;

  const noteDecision = (request: PendingRequest, { via }: PersonSession) => {
    traceDecision(request);
    const { id, status, agentId, agentProvider, resource, grantedScope, remembered } = request;
    log.info(
      { pending: id, via, agent: agentId, agentProvider, resource, granted: grantedScope, remembered },
      `The person decided on a request of ${agentId} for ${resource}: ${status}.`,
    );
  };

  const lockUndecided = async (tx: Database, session: PersonSession, id: string, time: number) => {
    const undecided = and(eq(pendingRequests.id, id), isPersons(session), isOpen(time));
    const [asked] = await tx.select().from(pendingRequests).where(undecided).for('update');
    if (!asked) throw await undecidable(options, session, id);
    await noteFirstSeen(tx, asked, { personId: session.personId, time });
    return asked;
  };

  return {
    approve: async (session, id, approval) => {
      const request = await db.transaction(async (tx) => {
        const time = now();
        const asked = await lockUndecided(tx, session, id, time);
        checkFreshness(session, asked);
        if (asked.interactionState === 'needed') {
          throw new RequestError('interaction_needed', `${asked.resource} needs something of you first.`, {
            status: 409,
          });
        }
        const grantedScope = grantedOf(asked, approval.scopes);
        await bindAgent(tx, asked, session.personId, options);
        const remembered = approval.remember && asked.mayBeRemembered;
        const consentId = await recordConsent(tx, {
          personId: session.personId,
          agent: { provider: parseServerIdentifier(asked.agentProvider, options.identifiers), id: asked.agentId },
          type: asked.type,
          resource: parseServerIdentifier(asked.resource, options.identifiers),
          account: asked.account ?? undefined,
          scope: asked.scope,
          grantedScope,
          remembered,
          pendingId: id,
          givenAt: time,
          validUntil: time + onceLifetime,
        });
        const [approved] = await tx
          .update(pendingRequests)
          .set({
            status: 'approved',
            personId: session.personId,
            decidedAt: toDate(time),
            via: session.via,
            grantedScope,
            remembered,
            consentId,
          })
          .where(eq(pendingRequests.id, id))
          .returning();
        const decided = approved ?? asked;
        const detail = narrowed(decided);
        await noteRequest(tx, decided, {
          kind: 'consent-approved',
          at: time,
          via: session.via,
          scope: grantedScope,
          ...(detail && { detail }),
        });
        // What the agent asked for besides may be settled by this too.
        const others = await listOpen(tx, and(ofAgent(asked), eq(pendingRequests.resource, asked.resource)), time);
        await announcePending(tx, [id, ...others.map((other) => other.id)]);
        return decided;
      });
      noteDecision(request, session);
      return request;
    },

    askAgent: async (session, id, question) => {
      const request = await db.transaction(async (tx) => {
        const time = now();
        const asked = await lockUndecided(tx, session, id, time);
        const rounds = (await listClarifications(tx, id)).length;
        if (rounds >= maxRounds || !asked.capabilities.includes('clarification')) throw noMoreQuestions(rounds);
        if (asked.status === 'clarifying') {
          throw new RequestError('conflict', 'The agent has not answered your last question yet.', { status: 409 });
        }
        await tx.insert(clarifications).values({ pendingId: id, round: rounds + 1, question, askedAt: toDate(time) });
        const [row] = await tx
          .update(pendingRequests)
          .set({ status: 'clarifying', personId: session.personId })
          .where(eq(pendingRequests.id, id))
          .returning();
        await noteRequest(tx, row ?? asked, { kind: 'question-asked', at: time, via: session.via, detail: question });
        await announcePending(tx, [id]);
        return row ?? asked;
      });
      log.info({ pending: id, via: session.via }, `The person asked ${request.agentId} about its request.`);
      return request;
    },

    deny: async (session, id) => {
      const request = await db.transaction(async (tx) => {
        const time = now();
        const asked = await lockUndecided(tx, session, id, time);
        const [denied] = await tx
          .update(pendingRequests)
          .set({
            status: 'denied',
            outcome: 'denied',
            personId: session.personId,
            decidedAt: toDate(time),
            via: session.via,
          })
          .where(eq(pendingRequests.id, id))
          .returning();
        await noteRequest(tx, denied ?? asked, { kind: 'consent-denied', at: time, via: session.via });
        await announcePending(tx, [id]);
        return denied ?? asked;
      });
      noteDecision(request, session);
      return request;
    },
  };
}

/** In what the person's approval differs from what was asked for; undefined when it does not. */
function narrowed({ scope, grantedScope, remembered }: PendingRequest): string | undefined {
  const left = scope.filter((name) => !grantedScope?.includes(name));
  const without = left.length > 0 ? [`Without ${left.join(', ')}.`] : [];
  const until = remembered ? ['Until it is withdrawn.'] : [];
  return [...without, ...until].join(' ') || undefined;
}

function noMoreQuestions(rounds: number): RequestError {
  const detail = rounds > 0 ? `You have asked all ${rounds} questions.` : 'This agent answers no questions.';
  return new RequestError('questions_exhausted', detail, { status: 409 });
}

function isPersons({ personId }: PersonSession): SQL | undefined {
  return or(eq(pendingRequests.personId, personId), isNull(pendingRequests.personId));
}

/** Why a request cannot be decided. */
async function undecidable({ db, now }: DecideOptions, session: PersonSession, id: string): Promise<RequestError> {
  await expireOverdue(db, now());
  const request = await findPending(db, id);
  if (!request || (request.personId !== null && request.personId !== session.personId)) return unknownRequest();
  if (request.status === 'expired' || request.status === 'abandoned') {
    return new RequestError('expired', 'This request has expired; nothing was changed. The agent can ask again.', {
      status: 410,
    });
  }
  return new RequestError('already_decided', `This request is ${request.status} already; nothing was changed.`, {
    status: 409,
    members: { request_status: request.status, decided_at: request.decidedAt?.toISOString() ?? null },
  });
}

function grantedOf({ scope: asked }: PendingRequest, scopes: readonly string[] | undefined): string[] {
  if (scopes === undefined) return asked;
  const unasked = scopes.filter((name) => !asked.includes(name));
  if (unasked.length > 0) {
    throw new RequestError('invalid_request', `The agent does not ask for ${unasked.join(', ')}.`);
  }
  const granted = asked.filter((name) => scopes.includes(name));
  if (granted.length === 0 && asked.length > 0) {
    throw new RequestError('invalid_request', 'None of what the agent asks for is granted; deny the request instead.');
  }
  return granted;
}

// The agent of a trusted provider becomes the agent of whoever approves it first (AAuth Protocol, "Agent-Person Binding"). An
// intermediary that acts for the person of an upstream token belongs to nobody ("Call Chaining").
async function bindAgent(
  tx: Database,
  { agentProvider, agentId, upstreamJti }: PendingRequest,
  personId: string,
  { identifiers, now }: DecideOptions,
): Promise<void> {
  if (upstreamJti !== null) return;
  const provider = parseServerIdentifier(agentProvider, identifiers);
  await recordAgentProvider(tx, provider, now);
  const ownership = { agentProvider: provider, agentId, personId, approvedAt: toDate(now()) };
  if ((await recordOwner(tx, ownership)) === personId) return;
  throw new RequestError('conflict', `The agent ${agentId} is somebody else's.`, { status: 409 });
}
