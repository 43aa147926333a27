import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '@aauth-stack/aauth/clock';
import { and, eq, gt, lte } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { sessions } from '../db/schema.ts';
import type { PersonSession } from './person-session.ts';
import type { PortalToken } from './portal-token.ts';

export interface SessionStoreOptions {
  db: Database;
  portalToken: PortalToken;
  /** Seconds a session lasts after sign-in. */
  lifetime: number;
  now: Clock;
}

/** Signed-in browsers, known by the random value of their cookie. */
export interface SessionStore {
  /** Opens a session and returns the cookie's value; the session of `previous`, the browser's cookie so far, ends. */
  open(personId: string, previous: string | undefined): Promise<string>;
  find(cookie: string): Promise<PersonSession | undefined>;
  end(cookie: string): Promise<void>;
}

export function createSessionStore({ db, portalToken, lifetime, now }: SessionStoreOptions): SessionStore {
  return {
    open: async (personId, previous) => {
      const cookie = randomBytes(32).toString('base64url');
      const createdAt = now();
      await db.transaction(async (transaction) => {
        await transaction.delete(sessions).where(lte(sessions.expiresAt, toDate(createdAt)));
        if (previous) await transaction.delete(sessions).where(eq(sessions.idHash, hash(previous)));
        await transaction.insert(sessions).values({
          idHash: hash(cookie),
          personId,
          openedWith: portalToken.hash,
          createdAt: toDate(createdAt),
          expiresAt: toDate(createdAt + lifetime),
        });
      });
      return cookie;
    },

    find: async (cookie) => {
      const [row] = await db
        .select()
        .from(sessions)
        .where(
          and(
            eq(sessions.idHash, hash(cookie)),
            eq(sessions.openedWith, portalToken.hash),
            gt(sessions.expiresAt, toDate(now())),
          ),
        );
      if (!row) return undefined;
      return {
        via: 'cookie',
        id: row.idHash,
        personId: row.personId,
        openedAt: row.createdAt,
        csrfToken: csrfTokenOf(cookie),
        expiresAt: row.expiresAt,
      };
    },

    end: async (cookie) => {
      await db.delete(sessions).where(eq(sessions.idHash, hash(cookie)));
    },
  };
}

function hash(cookie: string): string {
  return createHash('sha256').update(cookie).digest('base64url');
}

// Derived, so it needs no column, lives exactly as long as the session and does not reveal the cookie to the page.
function csrfTokenOf(cookie: string): string {
  return createHmac('sha256', cookie).update('csrf token').digest('base64url');
}
