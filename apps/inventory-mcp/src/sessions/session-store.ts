import { randomBytes } from 'node:crypto';
import { and, eq, gt, lt } from 'drizzle-orm';
import type { Queries } from '../db/database.ts';
import { sessions, streamEvents } from '../db/schema.ts';

/** MCP sessions. Every replica on the same database knows the same ones. */
export interface SessionStore {
  /** @returns the session's identifier: 128 random bits */
  create(owner: string): Promise<string>;
  /** Whether there is this session, and it belongs to `owner`; it then lives on. */
  touch(id: string, owner: string): Promise<boolean>;
  end(id: string): Promise<void>;
  /** Forgets sessions that nobody has used for a day, and events that nobody can want any more. */
  purge(): Promise<void>;
}

const sessionLifetimeMs = 24 * 3_600_000;
const eventLifetimeMs = 3_600_000;

export function createSessionStore(db: Queries, now: () => Date): SessionStore {
  const ago = (ms: number) => new Date(now().getTime() - ms);
  return {
    async create(owner) {
      const id = randomBytes(16).toString('base64url');
      await db.insert(sessions).values({ id, owner, createdAt: now(), lastSeenAt: now() });
      return id;
    },
    async touch(id, owner) {
      const touched = await db
        .update(sessions)
        .set({ lastSeenAt: now() })
        .where(and(eq(sessions.id, id), eq(sessions.owner, owner), gt(sessions.lastSeenAt, ago(sessionLifetimeMs))))
        .returning({ id: sessions.id });
      return touched.length > 0;
    },
    async end(id) {
      await db.delete(sessions).where(eq(sessions.id, id));
    },
    async purge() {
      await db.delete(sessions).where(lt(sessions.lastSeenAt, ago(sessionLifetimeMs)));
      await db.delete(streamEvents).where(lt(streamEvents.createdAt, ago(eventLifetimeMs)));
    },
  };
}
