import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '@aauth-stack/aauth/clock';
import type { DeferredOutcome } from '@aauth-stack/aauth/errors';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { Logger } from '@aauth-stack/service/logger';
import { and, eq } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { type PendingRequestStatus, pendingRequests } from '../db/schema.ts';
import type { AppContext } from '../environment.ts';
import { pendingId } from '../pending/pending-id.ts';
import {
  announcePending,
  endPending,
  expireOverdue,
  findPending,
  isOpen,
  type PendingRequest,
  withIds,
} from '../pending/pending-requests.ts';
import type { InteractionCodes } from './interaction-code.ts';

/** How a request ends when the resource's own interaction does (AAuth Protocol, "Interaction Callback Errors"). */
const endings: ReadonlyMap<string, { status: PendingRequestStatus; outcome: DeferredOutcome }> = new Map([
  ['access_denied', { status: 'denied', outcome: 'denied' }],
  ['user_abandoned', { status: 'abandoned', outcome: 'abandoned' }],
  ['interaction_expired', { status: 'expired', outcome: 'expired' }],
]);
const otherEnding = { status: 'failed', outcome: 'server_error' } as const;

/** Where the resource wants the person first, complete with its code and with where it is to send them back. */
export function resourceInteraction(
  { issuer, codes }: { issuer: ServerIdentifier; codes: InteractionCodes },
  { id, interactionUrl, interactionCode, interactionState }: PendingRequest,
): { url: string; state: 'needed' | 'done' } | null {
  if (interactionUrl === null || interactionCode === null || interactionState === null) return null;
  const url = new URL(interactionUrl);
  url.searchParams.set('code', interactionCode);
  url.searchParams.set('callback', `${issuer}/consent/${id}/return?flow=${codes.flowOf(id)}`);
  return { url: url.href, state: interactionState };
}

export interface ReturnOptions {
  db: Database;
  codes: InteractionCodes;
  now: Clock;
  log: Logger;
}

/**
 * GET /consent/{pending_id}/return: the person comes back from the resource's own interaction (AAuth Protocol, "Resource-Initiated
 * Interaction"), in the session that went there. They go on where they decide.
 */
export function returnFromResource(options: ReturnOptions) {
  const { db, codes, now, log } = options;
  return async (c: AppContext): Promise<Response> => {
    const id = pendingId(c);
    await expireOverdue(db, now());
    const request = await findPending(db, id);
    const isPersons = request !== undefined && request.openedBy === c.get('session')?.id;
    if (isPersons && equal(c.req.query('flow') ?? '', codes.flowOf(id))) {
      const error = c.req.query('error');
      await (error === undefined ? goOn(options, id) : end(options, id, error));
      log.info({ pending: id, error }, 'The person came back from the resource.');
    }
    // The code is told to nobody but the session that has used it.
    return c.redirect(isPersons ? `/ui/consent?code=${encodeURIComponent(codes.codeOf(id))}` : '/ui/consent', 303);
  };
}

async function goOn({ db, now }: ReturnOptions, id: string): Promise<void> {
  await db.transaction(async (tx) => {
    await tx
      .update(pendingRequests)
      .set({ interactionState: 'done' })
      .where(and(eq(pendingRequests.id, id), eq(pendingRequests.interactionState, 'needed'), isOpen(now())));
    await announcePending(tx, [id]);
  });
}

async function end({ db, now }: ReturnOptions, id: string, error: string): Promise<void> {
  const needed = and(withIds([id]), eq(pendingRequests.interactionState, 'needed'));
  await db.transaction((tx) => endPending(tx, needed, { ...(endings.get(error) ?? otherEnding), time: now() }));
}

function equal(sent: string, expected: string): boolean {
  const [a, b] = [Buffer.from(sent), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
