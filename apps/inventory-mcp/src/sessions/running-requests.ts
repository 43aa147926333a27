import { createHash } from 'node:crypto';
import type { RequestId } from '@modelcontextprotocol/sdk/types.js';
import type { Database } from '../db/database.ts';

/** Requests that are being worked on, which may be cancelled at another replica than the one that works on them. */
export interface RunningRequests {
  add(sessionId: string, id: RequestId, cancel: (reason: string | undefined) => void): void;
  remove(sessionId: string, id: RequestId): void;
  /** Cancels a request wherever it runs. One that has ended, or never was, is nothing to cancel. */
  cancel(sessionId: string, id: RequestId, reason: string | undefined): Promise<void>;
  close(): void;
}

const channel = 'mcp_cancellations';
/** A notification of PostgreSQL has less than 8,000 bytes. */
const maxReason = 200;

/** A client's identifiers may be long; what is sent on a channel may not. */
function keyOf(sessionId: string, id: RequestId): string {
  return createHash('sha256')
    .update(JSON.stringify([sessionId, id]))
    .digest('base64url');
}

export async function createRunningRequests(database: Pick<Database, 'listen' | 'notify'>): Promise<RunningRequests> {
  const running = new Map<string, (reason: string | undefined) => void>();
  const stopListening = await database.listen(channel, (payload) => {
    if (payload === undefined) return;
    const { key, reason }: { key: string; reason?: string } = JSON.parse(payload);
    running.get(key)?.(reason);
  });
  return {
    add(sessionId, id, cancel) {
      running.set(keyOf(sessionId, id), cancel);
    },
    remove(sessionId, id) {
      running.delete(keyOf(sessionId, id));
    },
    cancel: (sessionId, id, reason) =>
      database.notify(channel, JSON.stringify({ key: keyOf(sessionId, id), reason: reason?.slice(0, maxReason) })),
    close: stopListening,
  };
}
