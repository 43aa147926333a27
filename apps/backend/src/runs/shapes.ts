import { type Activity, toActivity } from '../agents/activities.ts';
import type { activities, RunStatus, runs } from '../db/schema.ts';
import type { Report, Results } from './results.ts';
import { promptOf } from './start-request.ts';

type Row = typeof runs.$inferSelect;

/** What the API says of a run wherever it appears. Absent members are null, never left out. */
interface RunFacts {
  request_id: string;
  status: RunStatus;
  progress_percentage: number;
  current_step: string;
  /** Why the run failed: a sentence for people, and a code. */
  error: string | null;
  error_code: string | null;
  /** The words that the person typed. */
  prompt: string | null;
  /** The words that the supply-chain agent was asked in. */
  message: string;
  /** The run that this one repeats. */
  retry_of: string | null;
  created_at: string;
  completed_at: string | null;
}

/** `GET /optimization/progress/{id}`: the known demo's shape, and more. */
export interface Progress extends RunFacts {
  estimated_completion: null;
  activities: Activity[];
  /** Where the person has something to do. */
  interaction_url: string | null;
  /** What they are to compare there. */
  interaction_code: string | null;
  /** When that is waited for no longer. */
  waiting_until: string | null;
  /** Grows with every change. */
  revision: number;
}

/** An entry of `GET /optimization/runs`. */
export interface RunSummary extends RunFacts {
  summary: Results['summary'] | null;
}

/** `GET /optimization/results/{id}`. */
export interface FullResults extends Results {
  reports: Report[];
}

function factsOf(run: Row): RunFacts {
  return {
    request_id: run.requestId,
    status: run.status,
    progress_percentage: run.progressPercentage,
    current_step: run.currentStep,
    error: run.error,
    error_code: run.errorCode,
    prompt: promptOf(run.request) ?? null,
    message: run.message,
    retry_of: run.retryOf,
    created_at: run.createdAt.toISOString(),
    completed_at: run.completedAt?.toISOString() ?? null,
  };
}

export function toProgress(run: Row, activityRows: readonly (typeof activities.$inferSelect)[]): Progress {
  return {
    ...factsOf(run),
    estimated_completion: null,
    activities: activityRows.map(toActivity),
    interaction_url: run.interactionUrl,
    interaction_code: run.interactionCode,
    waiting_until: run.waitingUntil?.toISOString() ?? null,
    revision: run.revision,
  };
}

export function toSummary(run: Row): RunSummary {
  return { ...factsOf(run), summary: run.results?.summary ?? null };
}

export function toResults({ results, reports }: Pick<Row, 'results' | 'reports'>): FullResults | undefined {
  return results ? { ...results, reports: reports ?? [] } : undefined;
}
