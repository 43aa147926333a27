import type { InteractionLink } from '@aauth-stack/aauth/agent';
import { and, asc, desc, eq, inArray } from 'drizzle-orm';
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import { type Activity, type Delegation, toActivity } from '../agents/activities.ts';
import type * as schema from '../db/schema.ts';
import { type ActivityStatus, activities, type RunStatus, runs } from '../db/schema.ts';
import type { Results } from './results.ts';
import type { StartRequest } from './start-request.ts';

export type Run = typeof runs.$inferSelect;

/** `GET /optimization/progress/{id}`. */
export interface Progress {
  request_id: string;
  status: RunStatus;
  progress_percentage: number;
  current_step: string;
  estimated_completion: null;
  /** Why the run failed; absent members of the known demo's shape are null, never left out. */
  error: string | null;
  activities: Activity[];
  interaction_url: string | null;
  interaction_code: string | null;
}

export interface NewActivity {
  agent: string;
  action: string;
  delegation: Delegation;
  status: ActivityStatus;
  details: string;
}

const unfinished: RunStatus[] = ['pending', 'running', 'interaction_required', 'approval_pending', 'authorizing'];

const nobodyAsked = { interactionUrl: null, interactionCode: null };

export type RunStore = ReturnType<typeof createRunStore>;

/** Runs and their activities. A run that has ended never changes again: every update is conditional on that. */
export function createRunStore(db: PostgresJsDatabase<typeof schema>, now: () => Date) {
  async function update(requestId: string, change: Partial<typeof runs.$inferInsert>): Promise<boolean> {
    const changed = await db
      .update(runs)
      .set(change)
      .where(and(eq(runs.requestId, requestId), inArray(runs.status, unfinished)))
      .returning({ requestId: runs.requestId });
    return changed.length > 0;
  }

  async function activitiesOf(requestIds: string[]): Promise<Map<string, Activity[]>> {
    const byRun = new Map<string, Activity[]>(requestIds.map((id) => [id, []]));
    if (requestIds.length === 0) return byRun;
    const rows = await db
      .select()
      .from(activities)
      .where(inArray(activities.requestId, requestIds))
      .orderBy(asc(activities.id));
    for (const row of rows) byRun.get(row.requestId)?.push(toActivity(row));
    return byRun;
  }

  return {
    async create(run: {
      requestId: string;
      request: StartRequest;
      message: string;
      traceParent: string | null;
    }): Promise<void> {
      await db.insert(runs).values({
        ...run,
        status: 'running',
        progressPercentage: 0,
        currentStep: 'Starting',
        createdAt: now(),
      });
    },

    /** The run goes on; nobody is asked for anything. */
    async step(requestId: string, progressPercentage: number, currentStep: string): Promise<void> {
      await update(requestId, { status: 'running', progressPercentage, currentStep, ...nobodyAsked });
    },

    /** The run waits, for the person if there is a link for them. */
    async wait(
      requestId: string,
      status: 'interaction_required' | 'approval_pending',
      currentStep: string,
      link?: InteractionLink,
    ): Promise<void> {
      const { url = null, code = null } = link ?? {};
      await update(requestId, { status, currentStep, interactionUrl: url, interactionCode: code });
    },

    async complete(requestId: string, results: Results): Promise<boolean> {
      return update(requestId, {
        status: 'completed',
        progressPercentage: 100,
        currentStep: 'Completed',
        results,
        completedAt: new Date(results.completed_at),
        ...nobodyAsked,
      });
    },

    async fail(requestId: string, reason: string): Promise<boolean> {
      return update(requestId, {
        status: 'failed',
        currentStep: `Error: ${reason}`,
        error: reason,
        completedAt: now(),
        ...nobodyAsked,
      });
    },

    async addActivity(requestId: string, activity: NewActivity): Promise<void> {
      await db.insert(activities).values({ requestId, timestamp: now(), ...activity });
    },

    async unfinished(): Promise<Run[]> {
      return db.select().from(runs).where(inArray(runs.status, unfinished)).orderBy(asc(runs.createdAt));
    },

    async progress(requestId: string): Promise<Progress | undefined> {
      const [run] = await db.select().from(runs).where(eq(runs.requestId, requestId));
      if (!run) return undefined;
      const byRun = await activitiesOf([requestId]);
      return toProgress(run, byRun.get(requestId) ?? []);
    },

    async allProgress(): Promise<Progress[]> {
      const rows = await db.select().from(runs).orderBy(desc(runs.createdAt));
      const byRun = await activitiesOf(rows.map((run) => run.requestId));
      return rows.map((run) => toProgress(run, byRun.get(run.requestId) ?? []));
    },

    async results(requestId: string): Promise<Results | undefined> {
      const [run] = await db.select({ results: runs.results }).from(runs).where(eq(runs.requestId, requestId));
      return run?.results ?? undefined;
    },

    async recentActivities(limit: number): Promise<Activity[]> {
      const rows = await db.select().from(activities).orderBy(desc(activities.id)).limit(limit);
      return rows.map(toActivity);
    },

    async clearActivities(): Promise<void> {
      await db.delete(activities);
    },

    /** Forgets ended runs; one under way stays, or its outcome would be lost. */
    async clearEnded(): Promise<number> {
      const cleared = await db
        .delete(runs)
        .where(inArray(runs.status, ['completed', 'failed']))
        .returning({ requestId: runs.requestId });
      return cleared.length;
    },
  };
}

function toProgress(run: Run, runActivities: Activity[]): Progress {
  return {
    request_id: run.requestId,
    status: run.status,
    progress_percentage: run.progressPercentage,
    current_step: run.currentStep,
    estimated_completion: null,
    error: run.error,
    activities: runActivities,
    interaction_url: run.interactionUrl,
    interaction_code: run.interactionCode,
  };
}
