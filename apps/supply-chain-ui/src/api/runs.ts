import * as z from 'zod/mini';
import { moment } from './moment.ts';

/** `POST /optimization/start` */
export const startedSchema = z.object({ request_id: z.string() });

const activitySchema = z.object({
  id: z.number(),
  request_id: z.string(),
  timestamp: moment,
  agent: z.string(),
  action: z.string(),
  status: z.enum(['idle', 'running', 'completed', 'failed']),
  details: z.string(),
});

export type Activity = z.output<typeof activitySchema>;

/** `GET /agents/activities`: newest first. */
export const activitiesSchema = z.array(activitySchema);

const runStatuses = [
  'pending',
  'running',
  'interaction_required',
  'approval_pending',
  'authorizing',
  'completed',
  'failed',
] as const;

export type RunStatus = (typeof runStatuses)[number];

/** `GET /optimization/progress/{id}`: how a run goes. */
export const progressSchema = z.object({
  request_id: z.string(),
  status: z.enum(runStatuses),
  progress_percentage: z.number(),
  current_step: z.string(),
  error: z.nullable(z.string()),
  error_code: z.nullable(z.string()),
  interaction_url: z.nullable(z.string()),
  interaction_code: z.nullable(z.string()),
  waiting_until: z.nullable(moment),
  prompt: z.nullable(z.string()),
  created_at: moment,
  completed_at: z.nullable(moment),
});

export type Progress = z.output<typeof progressSchema>;

export function hasEnded({ status }: Pick<Progress, 'status'>): boolean {
  return status === 'completed' || status === 'failed';
}

const summarySchema = z.object({
  /** In dollars. */
  total_cost: z.number(),
  expected_delivery: z.string(),
  /** In dollars. */
  cost_savings: z.number(),
  /** In percent. */
  efficiency: z.number(),
});

/** `GET /optimization/runs`: a page of the runs, newest first. */
export const runsSchema = z.object({
  runs: z.array(
    z.object({
      request_id: z.string(),
      status: z.enum(runStatuses),
      error: z.nullable(z.string()),
      error_code: z.nullable(z.string()),
      prompt: z.nullable(z.string()),
      created_at: moment,
      completed_at: z.nullable(moment),
      summary: z.nullable(summarySchema),
    }),
  ),
  next: z.nullable(z.string()),
});

export type RunEntry = z.output<typeof runsSchema>['runs'][number];

/** `GET /optimization/results/{id}` */
export const resultsSchema = z.object({
  request_id: z.string(),
  summary: summarySchema,
  recommendations: z.array(
    z.object({
      item: z.string(),
      quantity: z.number(),
      unit_price: z.number(),
      supplier: z.string(),
      lead_time: z.string(),
      total: z.number(),
    }),
  ),
  reasoning: z.array(z.object({ decision: z.string(), agent: z.string(), rationale: z.string() })),
  reports: z.array(z.object({ agent: z.string(), title: z.string(), markdown: z.string() })),
  completed_at: moment,
});

export type Results = z.output<typeof resultsSchema>;
