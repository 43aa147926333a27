import type { InteractionLink } from '@aauth-stack/aauth/agent';
import { type Database, storable, storableText } from '@aauth-stack/service/database';
import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import type { Delegation } from '../agents/activities.ts';
import type * as schema from '../db/schema.ts';
import { type ActivityStatus, activeStatuses, activities, runs } from '../db/schema.ts';
import type { Report, Results } from './results.ts';
import { changesOfRuns } from './run-changes.ts';
import { createRunsOf } from './runs-of.ts';
import type { StartRequest } from './start-request.ts';

export type Run = typeof runs.$inferSelect;

export interface NewRun {
  requestId: string;
  /** Whose run it is. */
  owner: string;
  request: StartRequest;
  message: string;
  traceParent: string | null;
  /** The run that this one repeats. */
  retryOf?: string;
}

export interface NewActivity {
  agent: string;
  action: string;
  delegation: Delegation;
  status: ActivityStatus;
  details: string;
}

/** Why a run failed. */
export interface Failure {
  /** An AAuth error code where there is one. */
  code: string;
  /** A sentence for people. */
  reason: string;
}

/** What is waited for. */
export interface Waiting {
  status: 'interaction_required' | 'approval_pending';
  step: string;
  /** Where the person has something to do, and the code to compare there. */
  link?: Pick<InteractionLink, 'url'> & Partial<Pick<InteractionLink, 'code'>>;
  /** When it is waited for no longer. */
  until?: Date | undefined;
}

const nobodyAsked = { interactionUrl: null, interactionCode: null, waitingUntil: null };

export type RunStore = ReturnType<typeof createRunStore>;

/**
 * Runs and their activities. A run that has ended never changes again: every update is conditional on that. Every change counts up
 * the run's revision and is told on the database's channel of changes. What agents have said is kept whatever it holds: a run whose end
 * cannot be written down would never end.
 */
export function createRunStore({ db, notify }: Pick<Database<typeof schema>, 'db' | 'notify'>, now: () => Date) {
  const isActive = (requestId: string) => and(eq(runs.requestId, requestId), inArray(runs.status, activeStatuses));

  async function update(
    requestId: string,
    change: Partial<typeof runs.$inferInsert>,
    condition = isActive(requestId),
  ): Promise<boolean> {
    return db.transaction(async (tx) => {
      const changed = await tx
        .update(runs)
        .set({ ...change, revision: sql`${runs.revision} + 1` })
        .where(condition)
        .returning({ requestId: runs.requestId });
      if (changed.length === 0) return false;
      await notify(changesOfRuns, requestId, tx);
      return true;
    });
  }

  return {
    /** The runs of one owner, and nobody else's. */
    of: (owner: string) => createRunsOf(db, owner),

    async create(run: NewRun): Promise<void> {
      await db.insert(runs).values({
        ...run,
        status: 'running',
        progressPercentage: 0,
        currentStep: 'Starting',
        createdAt: now(),
      });
    },

    /** The run goes on; nobody is asked for anything. */
    async step(requestId: string, progressPercentage: number, step: string): Promise<void> {
      await update(requestId, {
        status: 'running',
        progressPercentage,
        currentStep: storableText(step),
        ...nobodyAsked,
      });
    },

    async wait(requestId: string, { status, step, link, until }: Waiting): Promise<void> {
      const asked = {
        interactionUrl: link?.url ?? null,
        interactionCode: link?.code ?? null,
        waitingUntil: until ?? null,
      };
      await update(requestId, { status, currentStep: storableText(step), ...asked });
    },

    async complete(requestId: string, results: Results, reports: Report[]): Promise<boolean> {
      return update(requestId, {
        status: 'completed',
        progressPercentage: 100,
        currentStep: 'Completed',
        results: storable(results),
        reports: storable(reports),
        completedAt: new Date(results.completed_at),
        ...nobodyAsked,
      });
    },

    /** @returns whether the run had not ended before */
    async fail(requestId: string, { code, reason }: Failure): Promise<boolean> {
      return update(requestId, {
        status: 'failed',
        currentStep: storableText(`Error: ${reason}`),
        error: storableText(reason),
        errorCode: storableText(code),
        completedAt: now(),
        ...nobodyAsked,
      });
    },

    async addActivity(requestId: string, activity: NewActivity): Promise<void> {
      await db.insert(activities).values({ requestId, timestamp: now(), ...storable(activity) });
      await update(requestId, {}, eq(runs.requestId, requestId));
    },

    async unfinished(): Promise<Run[]> {
      return db.select().from(runs).where(inArray(runs.status, activeStatuses)).orderBy(asc(runs.createdAt));
    },
  };
}
