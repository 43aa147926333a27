import { randomUUID } from 'node:crypto';
import type { Clock } from '@aauth-stack/aauth/clock';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { and, desc, eq } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { toDate } from '../db/dates.ts';
import { decisions } from '../db/schema.ts';
import type { PersonSession } from '../session/person-session.ts';

export type Decision = typeof decisions.$inferSelect;

export interface NewDecision {
  kind: Decision['kind'];
  agentProvider: ServerIdentifier;
  subject: string;
  agentName: string;
}

/** The person's decisions. Each is written before it is carried out, so none is lost when this server stops in between. */
export interface DecisionStore {
  record(session: PersonSession, decision: NewDecision): Promise<string>;
  settle(id: string, outcome: Decision['outcome'], detail?: string): Promise<void>;
  find(personId: string, id: string): Promise<Decision | undefined>;
  /** The newest first. */
  latest(personId: string, limit: number): Promise<Decision[]>;
}

export function createDecisionStore({ db, now }: { db: Database; now: Clock }): DecisionStore {
  return {
    record: async ({ personId, via }, decision) => {
      const id = randomUUID();
      await db.insert(decisions).values({ id, personId, via, decidedAt: toDate(now()), outcome: 'sent', ...decision });
      return id;
    },
    settle: async (id, outcome, detail) => {
      await db.update(decisions).set({ outcome, detail }).where(eq(decisions.id, id));
    },
    find: async (personId, id) => {
      const [row] = await db
        .select()
        .from(decisions)
        .where(and(eq(decisions.personId, personId), eq(decisions.id, id)));
      return row;
    },
    latest: (personId, limit) =>
      db
        .select()
        .from(decisions)
        .where(eq(decisions.personId, personId))
        .orderBy(desc(decisions.decidedAt))
        .limit(limit),
  };
}
