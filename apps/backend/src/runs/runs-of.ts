import { and, asc, desc, eq, inArray, lt, notInArray } from 'drizzle-orm';
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import { type Activity, toActivity } from '../agents/activities.ts';
import type * as schema from '../db/schema.ts';
import { activeStatuses, activities, runs } from '../db/schema.ts';
import { type FullResults, type Progress, type RunSummary, toProgress, toResults, toSummary } from './shapes.ts';

export type RunsOf = ReturnType<typeof createRunsOf>;

export interface PageRequest {
  limit: number;
  /** The `next` of the page before. */
  before?: number | undefined;
  status?: 'completed' | 'failed' | 'active' | undefined;
}

export interface Page {
  /** Newest first. */
  runs: RunSummary[];
  next: string | null;
}

/** What an owner may see and forget of runs. Runs of others are as if they were not there. */
export function createRunsOf(db: PostgresJsDatabase<typeof schema>, owner: string) {
  const isOwn = eq(runs.owner, owner);
  const ownRun = (requestId: string) => and(isOwn, eq(runs.requestId, requestId));

  async function progressOf(rows: (typeof runs.$inferSelect)[]): Promise<Progress[]> {
    const ids = rows.map(({ requestId }) => requestId);
    const all =
      ids.length > 0
        ? await db.select().from(activities).where(inArray(activities.requestId, ids)).orderBy(asc(activities.id))
        : [];
    const byRun = Map.groupBy(all, ({ requestId }) => requestId);
    return rows.map((run) => toProgress(run, byRun.get(run.requestId) ?? []));
  }

  return {
    async has(requestId: string): Promise<boolean> {
      return (await db.$count(runs, ownRun(requestId))) > 0;
    },

    async progress(requestId: string): Promise<Progress | undefined> {
      const [progress] = await progressOf(await db.select().from(runs).where(ownRun(requestId)));
      return progress;
    },

    async allProgress(): Promise<Progress[]> {
      return progressOf(await db.select().from(runs).where(isOwn).orderBy(desc(runs.ordinal)));
    },

    async results(requestId: string): Promise<FullResults | undefined> {
      const [run] = await db
        .select({ results: runs.results, reports: runs.reports })
        .from(runs)
        .where(ownRun(requestId));
      return run && toResults(run);
    },

    /** What was asked, to be asked again. */
    async request(
      requestId: string,
    ): Promise<Pick<typeof runs.$inferSelect, 'status' | 'request' | 'message'> | undefined> {
      const [run] = await db
        .select({ status: runs.status, request: runs.request, message: runs.message })
        .from(runs)
        .where(ownRun(requestId));
      return run;
    },

    async page({ limit, before, status }: PageRequest): Promise<Page> {
      const statuses = status === 'active' ? activeStatuses : status && [status];
      const found = await db
        .select()
        .from(runs)
        .where(
          and(
            isOwn,
            statuses && inArray(runs.status, statuses),
            before === undefined ? undefined : lt(runs.ordinal, before),
          ),
        )
        .orderBy(desc(runs.ordinal))
        .limit(limit + 1);
      const shown = found.slice(0, limit);
      const next = found.length > limit ? shown.at(-1)?.ordinal : undefined;
      return { runs: shown.map(toSummary), next: next === undefined ? null : `${next}` };
    },

    /** Newest first. */
    async feed({ limit, before }: { limit: number; before?: number | undefined }): Promise<Activity[]> {
      const rows = await db
        .select({ activity: activities })
        .from(activities)
        .innerJoin(runs, eq(activities.requestId, runs.requestId))
        .where(
          and(isOwn, eq(activities.isCleared, false), before === undefined ? undefined : lt(activities.id, before)),
        )
        .orderBy(desc(activities.id))
        .limit(limit);
      return rows.map(({ activity }) => toActivity(activity));
    },

    /** Empties the feed; runs keep what they did. */
    async clearFeed(): Promise<void> {
      const own = db.select({ id: runs.requestId }).from(runs).where(isOwn);
      await db.update(activities).set({ isCleared: true }).where(inArray(activities.requestId, own));
    },

    /** Forgets a run that has ended; one under way stays, or its outcome would be lost. */
    async forget(requestId: string): Promise<boolean> {
      return (await forgetEnded(ownRun(requestId))) > 0;
    },

    async forgetAll(): Promise<number> {
      return forgetEnded(isOwn);
    },
  };

  async function forgetEnded(which: ReturnType<typeof and>): Promise<number> {
    const forgotten = await db
      .delete(runs)
      .where(and(which, notInArray(runs.status, activeStatuses)))
      .returning({ requestId: runs.requestId });
    return forgotten.length;
  }
}
