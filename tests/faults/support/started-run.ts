import { backendUrl } from '../../support/backend.ts';

/** How the backend answers who starts a run. */
export interface Started {
  status: number;
  /** Whether it says when to come back. */
  retryAfter: boolean;
  requestId?: string;
}

/** Asks for a run, on a connection of its own: one that was kept may be closed by a backend that was kept waiting. */
export async function tryToStartRun(signal?: AbortSignal): Promise<Started> {
  const response = await fetch(`${backendUrl}/optimization/start`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ prompt: 'perform market analysis' }),
    ...(signal && { signal }),
  });
  const { request_id: requestId }: { request_id?: string } = JSON.parse(await response.text());
  return { status: response.status, retryAfter: response.headers.has('retry-after'), ...(requestId && { requestId }) };
}

/** The id of a run that was started. */
export async function startedRun(): Promise<string> {
  const { status, requestId } = await tryToStartRun();
  if (requestId === undefined) throw new Error(`The backend answered ${status} instead of starting a run.`);
  return requestId;
}

/** The status of a service's health, asked for on a connection of its own. */
export async function healthOf(health: string, signal?: AbortSignal): Promise<number> {
  const { status } = await fetch(`${health}/healthz`, { headers: { connection: 'close' }, ...(signal && { signal }) });
  return status;
}
