import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '@aauth-stack/aauth/clock';
import { and, desc, eq, gt, ne, type SQL } from 'drizzle-orm';
import { type NewActivity, recordActivity } from '../activity/record.ts';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { sessions } from '../db/schema.ts';
import type { CookieSession, PersonSession } from './person-session.ts';
import type { PortalToken } from './portal-token.ts';

/** Seconds. */
const lastSeenPrecision = 60;
const longestUserAgent = 256;

export interface SessionStoreOptions {
  db: Database;
  portalToken: PortalToken;
  /** Seconds a session lasts after sign-in. */
  lifetime: number;
  now: Clock;
}

interface NewSession {
  personId: string;
  userAgent: string | undefined;
  /** The browser's cookie so far: its session ends. */
  previous: string | undefined;
}

/** A signed-in browser, without what would open its session. */
export type SessionRecord = Omit<typeof sessions.$inferSelect, 'idHash' | 'openedWith'>;

/** Which of the person's sessions: one, all but the own, or all. */
type WhichSessions = { readonly id: string } | 'others' | 'all';

/** Signed-in browsers, known by the random value of their cookie. What the person does with them is kept as activity. */
export interface SessionStore {
  /** Opens a session. */
  open(session: NewSession): Promise<{ cookie: string; session: CookieSession }>;
  find(cookie: string): Promise<CookieSession | undefined>;
  /** Whether a session that was found has not ended since. */
  isLive(id: string): Promise<boolean>;
  /** Those of a person that have not ended, the newest first. */
  list(personId: string): Promise<SessionRecord[]>;
  /** Signs out. */
  end(session: CookieSession): Promise<void>;
  /** Ends sessions from another one, or by bearer token. Returns their ids. */
  endAll(by: PersonSession, which: WhichSessions): Promise<string[]>;
}

export function createSessionStore({ db, portalToken, lifetime, now }: SessionStoreOptions): SessionStore {
  const live = () => and(eq(sessions.openedWith, portalToken.hash), gt(sessions.expiresAt, toDate(now())));

  const remove = (condition: SQL | undefined, entry: (ended: number) => Omit<NewActivity, 'at'>) =>
    db.transaction(async (tx) => {
      const ended = await tx.delete(sessions).where(and(condition, live())).returning({ id: sessions.id });
      if (ended.length > 0) await recordActivity(tx, { ...entry(ended.length), at: now() });
      return ended.map(({ id }) => id);
    });

  return {
    open: async ({ personId, userAgent, previous }) => {
      const cookie = randomBytes(32).toString('base64url');
      const openedAt = now();
      const row = await db.transaction(async (tx) => {
        if (previous) await tx.delete(sessions).where(eq(sessions.idHash, hash(previous)));
        const [inserted] = await tx
          .insert(sessions)
          .values({
            idHash: hash(cookie),
            personId,
            openedWith: portalToken.hash,
            userAgent: userAgent?.slice(0, longestUserAgent),
            createdAt: toDate(openedAt),
            lastSeenAt: toDate(openedAt),
            expiresAt: toDate(openedAt + lifetime),
          })
          .returning();
        await recordActivity(tx, { kind: 'signed-in', personId, via: 'cookie', at: openedAt });
        return inserted;
      });
      if (!row) throw new Error('The session vanished from the database while it was opened.');
      return { cookie, session: sessionOf(row, cookie) };
    },

    find: async (cookie) => {
      const own = eq(sessions.idHash, hash(cookie));
      const [row] = await db.select().from(sessions).where(and(own, live()));
      if (!row) return undefined;
      const seenBefore = toDate(now() - lastSeenPrecision);
      if (row.lastSeenAt === null || row.lastSeenAt < seenBefore) {
        await db
          .update(sessions)
          .set({ lastSeenAt: toDate(now()) })
          .where(own);
      }
      return sessionOf(row, cookie);
    },

    isLive: async (id) => (await db.$count(sessions, and(eq(sessions.id, id), live()))) > 0,

    list: (personId) =>
      db
        .select({
          id: sessions.id,
          personId: sessions.personId,
          userAgent: sessions.userAgent,
          createdAt: sessions.createdAt,
          lastSeenAt: sessions.lastSeenAt,
          expiresAt: sessions.expiresAt,
        })
        .from(sessions)
        .where(and(eq(sessions.personId, personId), live()))
        .orderBy(desc(sessions.createdAt), sessions.id),

    end: async ({ id, personId, via }) => {
      await remove(eq(sessions.id, id), () => ({ kind: 'signed-out', personId, via }));
    },

    endAll: ({ personId, via, id }, which) => {
      const condition = and(eq(sessions.personId, personId), chosen(which, via === 'cookie' ? id : undefined));
      const detail = (ended: number) => (ended === 1 ? 'One session was ended.' : `${ended} sessions were ended.`);
      return remove(condition, (ended) => ({ kind: 'sessions-ended', personId, via, detail: detail(ended) }));
    },
  };
}

function chosen(which: WhichSessions, own: string | undefined): SQL | undefined {
  if (which === 'all') return undefined;
  if (which === 'others') return own === undefined ? undefined : ne(sessions.id, own);
  return eq(sessions.id, which.id);
}

function sessionOf(row: typeof sessions.$inferSelect, cookie: string): CookieSession {
  const { id, personId, createdAt: openedAt, expiresAt } = row;
  return { via: 'cookie', id, personId, csrfToken: csrfTokenOf(cookie), openedAt, expiresAt };
}

function hash(cookie: string): string {
  return createHash('sha256').update(cookie).digest('base64url');
}

// Derived, so it needs no column, lives exactly as long as the session and does not reveal the cookie to the page.
function csrfTokenOf(cookie: string): string {
  return createHmac('sha256', cookie).update('csrf token').digest('base64url');
}
