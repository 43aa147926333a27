import { and, eq } from 'drizzle-orm';
import type { Database, Queries } from '../db/database.ts';
import { subscriptions } from '../db/schema.ts';
import { appendEvent, standaloneStream } from './event-log.ts';

export async function subscribe(db: Queries, sessionId: string, uri: string): Promise<void> {
  await db.insert(subscriptions).values({ sessionId, uri }).onConflictDoNothing();
}

export async function unsubscribe(db: Queries, sessionId: string, uri: string): Promise<void> {
  await db.delete(subscriptions).where(and(eq(subscriptions.sessionId, sessionId), eq(subscriptions.uri, uri)));
}

/** Tells every session that wants to know, once the transaction commits, that a resource has changed. */
export async function notifySubscribers(database: Database, tx: Queries, uri: string, createdAt: Date): Promise<void> {
  const rows = await tx.select().from(subscriptions).where(eq(subscriptions.uri, uri)).orderBy(subscriptions.sessionId);
  const message = { jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri } };
  for (const { sessionId } of rows) {
    await appendEvent(database, tx, { sessionId, streamId: standaloneStream, message, isLast: false, createdAt });
  }
}
