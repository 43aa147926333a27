import type { EventStore } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { type JSONRPCMessage, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';
import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { Database, Queries } from '../db/database.ts';
import { streamEvents } from '../db/schema.ts';

/** A place in an event stream of a session. */
export interface StreamPosition {
  readonly sessionId: string;
  readonly streamId: string;
  /** What comes after this event is still to be told. */
  readonly after: number;
}

export interface LoggedEvent {
  readonly position: number;
  /** Undefined: there is nothing to tell. */
  readonly message: JSONRPCMessage | undefined;
  readonly isLast: boolean;
}

/** What servers push to a session outside of any request. */
export const standaloneStream = 'standalone';

/** Channel on which the key of a stream is sent when it has a new event. */
export const streamChannel = 'mcp_stream_events';

export function streamKey({ sessionId, streamId }: Pick<StreamPosition, 'sessionId' | 'streamId'>): string {
  return `${sessionId}/${streamId}`;
}

/** `Last-Event-ID` and `id:` of a place in a stream. */
export function eventId({ streamId, after }: Pick<StreamPosition, 'streamId' | 'after'>): string {
  return `${streamId}.${after}`;
}

export function parseEventId(id: string): Pick<StreamPosition, 'streamId' | 'after'> | undefined {
  const [, streamId, after] = /^([\w-]{1,64})\.(\d{1,15})$/.exec(id) ?? [];
  return streamId === undefined ? undefined : { streamId, after: Number(after) };
}

/**
 * Adds an event to a stream, and tells whoever follows it when the transaction commits. Events of one stream become visible in
 * their order: who reads up to one has missed none before it.
 */
export async function appendEvent(
  database: Database,
  tx: Queries,
  event: { sessionId: string; streamId: string; message: object | null; isLast: boolean; createdAt: Date },
): Promise<number> {
  const key = streamKey(event);
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`);
  const [row] = await tx.insert(streamEvents).values(event).returning({ id: streamEvents.id });
  if (!row) throw new Error('The database has not stored an event.');
  await database.notify(streamChannel, key, tx);
  return row.id;
}

/** The events after a place in a stream, oldest first. */
export async function eventsAfter(db: Queries, { sessionId, streamId, after }: StreamPosition): Promise<LoggedEvent[]> {
  const rows = await db
    .select()
    .from(streamEvents)
    .where(and(eq(streamEvents.sessionId, sessionId), eq(streamEvents.streamId, streamId), gt(streamEvents.id, after)))
    .orderBy(asc(streamEvents.id))
    .limit(100);
  return rows.map(({ id, message, isLast }) => ({
    position: id,
    message: message === null ? undefined : JSONRPCMessageSchema.parse(message),
    isLast,
  }));
}

/** Whether this event has been sent on a stream of this session, and is still kept. */
export async function isKnown(db: Queries, { sessionId, streamId, after }: StreamPosition): Promise<boolean> {
  const rows = await db
    .select({ id: streamEvents.id })
    .from(streamEvents)
    .where(and(eq(streamEvents.sessionId, sessionId), eq(streamEvents.streamId, streamId), eq(streamEvents.id, after)));
  return rows.length > 0;
}

/**
 * The event store of one POST of a session: what the SDK's transport sends as its answer is logged first.
 *
 * @param expected how many responses the answer has; the last of them ends the stream
 * @param onResponse told of each response when it is stored
 * @param onFailure told why an event could not be stored: the SDK calls that a parse error of the client's and sends the reason along
 */
export function createEventStore(
  database: Database,
  {
    sessionId,
    expected,
    onResponse,
    onFailure,
    now,
  }: {
    sessionId: string;
    expected: number;
    onResponse(id: unknown): void;
    onFailure(error: unknown): void;
    now: () => Date;
  },
): EventStore {
  let responses = 0;
  return {
    async storeEvent(streamId, message) {
      const isResponse = 'result' in message || 'error' in message;
      if (isResponse) {
        responses += 1;
        onResponse(message.id);
      }
      const isLast = isResponse && responses === expected;
      // The SDK stores an empty object for an event that only marks a place.
      const stored = 'jsonrpc' in message ? message : null;
      const event = { sessionId, streamId, message: stored, isLast, createdAt: now() };
      try {
        const position = await database.db.transaction((tx) => appendEvent(database, tx, event));
        return eventId({ streamId, after: position });
      } catch (error) {
        onFailure(error);
        throw error;
      }
    },
    async replayEventsAfter(lastEventId, { send }) {
      const position = parseEventId(lastEventId);
      if (!position) throw new TypeError(`${lastEventId} is no event.`);
      for (const { position: after, message } of await eventsAfter(database.db, { sessionId, ...position })) {
        if (message) await send(eventId({ ...position, after }), message);
      }
      return position.streamId;
    },
  };
}
