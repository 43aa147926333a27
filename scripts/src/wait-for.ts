import { setTimeout as delay } from 'node:timers/promises';

/** Asks again every 100 ms until there is an answer or the deadline has passed. */
export async function waitFor<Answer>(
  ask: () => Promise<Answer | undefined>,
  options: { timeoutMs: number; onTimeout: () => Error; signal?: AbortSignal },
): Promise<Answer> {
  const deadline = Date.now() + options.timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    options.signal?.throwIfAborted();
    if (Date.now() > deadline) throw options.onTimeout();
    await delay(100);
  }
}

/** Whether `GET url` answers 200. A server that is not there yet is not an error here. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
