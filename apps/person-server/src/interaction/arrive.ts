import type { Clock } from '@aauth-stack/aauth/clock';
import { DeferredError } from '@aauth-stack/aauth/errors';
import type { Logger } from '@aauth-stack/service/logger';
import { and, eq, isNull, or } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { pendingRequests } from '../db/schema.ts';
import { noteFirstSeen } from '../pending/note-request.ts';
import { announcePending, expireOverdue, isOpen, type PendingRequest } from '../pending/pending-requests.ts';
import { checkFreshness } from '../session/check-freshness.ts';
import { type CallbackOptions, readCallback } from './callback.ts';
import type { InteractionCodes } from './interaction-code.ts';
import type { CodeGuesser, WrongCodes } from './wrong-codes.ts';

export interface ArriveOptions extends CallbackOptions {
  db: Database;
  codes: InteractionCodes;
  wrongCodes: WrongCodes;
  now: Clock;
  log: Logger;
}

export interface Arrival extends CodeGuesser {
  readonly code: string;
  readonly callback: string | undefined;
}

/**
 * Leads a person who followed an agent's link to the agent's request. The code is used up by the first session that opens it, and
 * that session may come again; it decides nothing (AAuth Protocol, "Interaction Code").
 *
 * @throws DeferredError `invalid_code`; RequestError `invalid_callback`; SessionError `reauthentication_required`
 */
export async function arrive(options: ArriveOptions, arrival: Arrival): Promise<PendingRequest> {
  const { db, codes, wrongCodes, now } = options;
  const { session, code, callback } = arrival;
  const codeHash = codes.hashOf(code);
  if (codeHash === undefined) throw invalidCode('A code is eight letters and digits, such as A1B2-C3D4.');
  if (await wrongCodes.isExceeded(arrival)) {
    throw invalidCode('Too many wrong codes were tried. Wait a few minutes, or decide in the list of requests.');
  }
  await expireOverdue(db, now());
  const request = await findByCode(db, codeHash);
  if (!request || (request.personId !== null && request.personId !== session.personId)) {
    await wrongCodes.record(arrival);
    throw invalidCode('No request has this code.');
  }
  if (request.openedBy !== null && request.openedBy !== session.id) throw usedCode();
  if (request.status === 'failed' || (request.decidedAt !== null && request.personId === null)) throw usedCode();
  checkFreshness(session, request);
  if (request.decidedAt !== null) return request;
  return open(options, request, arrival, callback && (await readCallback(options, request, callback)));
}

async function open(
  { db, now, log }: ArriveOptions,
  request: PendingRequest,
  { session }: Arrival,
  callback: string | undefined,
): Promise<PendingRequest> {
  const time = now();
  const opened = await db.transaction(async (tx) => {
    const [row] = await tx
      .update(pendingRequests)
      .set({
        openedBy: session.id,
        personId: session.personId,
        ...(callback && { callback }),
        ...(request.openedBy === null && { openedAt: toDate(time), status: 'interacting' }),
      })
      .where(
        and(
          eq(pendingRequests.id, request.id),
          isOpen(time),
          request.openedBy === null ? isNull(pendingRequests.openedBy) : eq(pendingRequests.openedBy, session.id),
          or(isNull(pendingRequests.personId), eq(pendingRequests.personId, session.personId)),
        ),
      )
      .returning();
    if (!row) return undefined;
    await noteFirstSeen(tx, request, { personId: session.personId, time });
    if (request.openedBy === null) await announcePending(tx, [row.id]);
    return row;
  });
  if (opened) {
    if (request.openedBy === null) log.info({ pending: request.id, via: session.via }, 'The person opened a request.');
    return opened;
  }
  // Somebody was faster: another session, or a decision in the list.
  const current = await findByCode(db, request.codeHash);
  if (current?.personId === session.personId && [session.id, null].includes(current.openedBy)) return current;
  throw usedCode();
}

async function findByCode(db: Database, codeHash: string): Promise<PendingRequest | undefined> {
  const [row] = await db.select().from(pendingRequests).where(eq(pendingRequests.codeHash, codeHash));
  return row;
}

function usedCode(): DeferredError {
  return invalidCode('This code has been used. Ask the agent for a new link, or decide in the list of requests.');
}

function invalidCode(detail: string): DeferredError {
  return new DeferredError('invalid_code', detail);
}
