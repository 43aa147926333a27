import { type Database, isUnstorableText, storable } from '@aauth-stack/service/database';
import { and, desc, eq, inArray, isNotNull, sql } from 'drizzle-orm';
import type * as schema from '../db/schema.ts';
import { runs, spans } from '../db/schema.ts';
import { promptOf } from '../runs/start-request.ts';
import type { RunFacts } from './build-flow.ts';
import { runOf } from './run-of.ts';
import type { Span } from './span.ts';

/** Channel on which the id of each run is told that spans have arrived of. */
export const changesOfSpans = 'span_changes';

export interface FlowStoreOptions {
  database: Pick<Database<typeof schema>, 'db' | 'notify'>;
  /** How many runs the spans are kept of. */
  keptRuns: number;
  now: () => Date;
}

export type StoredRun = Omit<RunFacts, 'jaegerUrl'>;

export type FlowStore = ReturnType<typeof createFlowStore>;

/** How long spans are kept that belong to no run, in milliseconds: a run may yet turn out to be linked with them. */
const looseMs = 15 * 60_000;
/** Of one run no more is shown than people could look at. */
const maxSpansPerRun = 5_000;
const pruneEveryMs = 60_000;

/** The spans of the last runs. */
export function createFlowStore({ database: { db, notify }, keptRuns, now }: FlowStoreOptions) {
  let pruned = now().getTime();

  async function insert(received: readonly Span[]): Promise<void> {
    const rows = received.map((span) => ({
      traceId: span.traceId,
      spanId: span.spanId,
      requestId: runOf(span),
      started: span.start,
      isEnded: span.end !== null,
      linked: span.links.map(({ traceId }) => traceId),
      span,
    }));
    await db
      .insert(spans)
      .values(rows)
      .onConflictDoUpdate({
        target: [spans.traceId, spans.spanId],
        set: {
          requestId: sql`coalesce(excluded.request_id, ${spans.requestId})`,
          isEnded: sql`excluded.is_ended`,
          linked: sql`excluded.linked`,
          span: sql`excluded.span`,
        },
        // What is known of the end is never replaced by what was known at the start.
        setWhere: sql`excluded.is_ended or not ${spans.isEnded}`,
      });
  }

  async function tell(received: readonly Span[]): Promise<void> {
    const traces = new Set(received.flatMap(({ traceId, links }) => [traceId, ...links.map((link) => link.traceId)]));
    const concerned = await db
      .selectDistinct({ requestId: spans.requestId })
      .from(spans)
      .where(and(inArray(spans.traceId, [...traces]), isNotNull(spans.requestId)));
    for (const { requestId } of concerned) if (requestId !== null) await notify(changesOfSpans, requestId);
  }

  /** Forgets all but the last runs, and what has stood alone for some time. */
  async function prune(): Promise<void> {
    const keptTraces = sql`
      select ${spans.traceId} from ${spans} where ${spans.requestId} in (
        select ${spans.requestId} from ${spans} where ${spans.requestId} is not null
        group by ${spans.requestId} order by max(${spans.started}) desc limit ${keptRuns})`;
    const isOld = sql`(${spans.started} < ${now().getTime() - looseMs} or ${spans.requestId} is not null)`;
    await db.delete(spans).where(sql`${isOld}
      and ${spans.traceId} not in (${keptTraces})
      and not (${spans.linked} && array(${keptTraces}))`);
  }

  return {
    prune,

    /** Keeps what has arrived; of a span that has been there already, what tells more. */
    async add(received: readonly Span[]): Promise<void> {
      const latest = new Map<string, Span>();
      for (const span of received) if (latest.get(span.spanId)?.end == null) latest.set(span.spanId, span);
      if (latest.size === 0) return;
      const known = [...latest.values()];
      try {
        await insert(known);
      } catch (error) {
        if (!isUnstorableText(error)) throw error;
        // One text that a peer has chosen must not keep the other spans from being seen.
        await insert(known.map(storable));
      }
      await tell(known);
      if (now().getTime() - pruned < pruneEveryMs) return;
      pruned = now().getTime();
      await prune();
    },

    /** Every span of a run's traces, and of those that are linked with them. */
    async spansOf(requestId: string): Promise<Span[]> {
      const own = db.selectDistinct({ traceId: spans.traceId }).from(spans).where(eq(spans.requestId, requestId));
      const rows = await db
        .select({ span: spans.span, requestId: spans.requestId })
        .from(spans)
        .where(sql`${spans.traceId} in ${own} or ${spans.traceId} in (
          select other.trace_id from ${spans} other where other.linked && array${own})`)
        .orderBy(spans.started)
        .limit(maxSpansPerRun);
      return rows.filter((row) => row.requestId === null || row.requestId === requestId).map(({ span }) => span);
    },

    async findRun(requestId: string, owner: string): Promise<StoredRun | undefined> {
      const [run] = await db
        .select()
        .from(runs)
        .where(and(eq(runs.requestId, requestId), eq(runs.owner, owner)));
      return run && toStoredRun(run);
    },

    /** The runs of somebody that there are spans of, newest first. */
    async recentRuns(owner: string, limit: number): Promise<StoredRun[]> {
      const rows = await db
        .select()
        .from(runs)
        .where(
          and(
            eq(runs.owner, owner),
            sql`exists (select from ${spans} where ${spans.requestId} = ${runs.requestId}::text)`,
          ),
        )
        .orderBy(desc(runs.ordinal))
        .limit(limit);
      return rows.map(toStoredRun);
    },
  };
}

function toStoredRun(run: typeof runs.$inferSelect): StoredRun {
  const { requestId, request, message, status, error, createdAt, completedAt } = run;
  return {
    requestId,
    prompt: promptOf(request) ?? message,
    status,
    error,
    startedAt: createdAt.getTime(),
    endedAt: completedAt?.getTime() ?? null,
  };
}
