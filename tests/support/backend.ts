import { until } from './until.ts';

export const backendUrl = process.env.BACKEND_URL ?? 'http://localhost:8000';

export interface Progress {
  request_id: string;
  status: string;
  progress_percentage: number;
  current_step: string;
  error: string | null;
  error_code?: string | null;
  activities: Array<{ id: number; agent: string; action: string; status: string; details: string }>;
  interaction_url: string | null;
  interaction_code: string | null;
}

export interface Results {
  request_id: string;
  summary: { total_cost: number; expected_delivery: string; cost_savings: number; efficiency: number };
  recommendations: Array<{
    item: string;
    quantity: number;
    unit_price: number;
    supplier: string;
    lead_time: string;
    total: number;
  }>;
  reasoning: Array<{ decision: string; agent: string; rationale: string }>;
  completed_at: string;
}

/** The JSON of a response that must have the given status. */
export async function json<Body>(response: Response, status = 200): Promise<Body> {
  const text = await response.text();
  if (response.status !== status) {
    throw new Error(`${response.url} answered ${response.status}, not ${status}: ${text}`);
  }
  return JSON.parse(text);
}

export async function startRun(body: object, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`${backendUrl}/optimization/start`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const started = await json<{ request_id: string; status: string }>(response);
  if (started.status !== 'started') throw new Error(`The run has status "${started.status}".`);
  return started.request_id;
}

export async function progressOf(requestId: string): Promise<Progress> {
  return json(await fetch(`${backendUrl}/optimization/progress/${requestId}`));
}

export async function resultsOf(requestId: string): Promise<Results> {
  return json(await fetch(`${backendUrl}/optimization/results/${requestId}`));
}

/** The progress record of a run once it has ended. */
export function endOf(requestId: string): Promise<Progress> {
  return until(`the end of run ${requestId}`, async () => {
    const progress = await progressOf(requestId);
    return ['completed', 'failed'].includes(progress.status) && progress;
  });
}

/** The Markdown report of a completed run. */
export function reportOf(progress: Progress): string {
  const completed = progress.activities.findLast(
    ({ agent, status }) => agent === 'a2a-supply-chain-agent' && status === 'completed',
  );
  return completed?.details ?? '';
}
