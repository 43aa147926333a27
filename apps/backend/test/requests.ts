import { expect } from 'vitest';
import { z } from 'zod';

/** Sends a request to the backend; what it answers is JSON or nothing. */
export async function request(
  url: string,
  path: string,
  { method = 'GET', body, token }: { method?: string; body?: object; token?: string | undefined } = {},
) {
  const headers = {
    ...(body && { 'content-type': 'application/json' }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const response = await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text ? Object(JSON.parse(text)) : undefined };
}

const startedSchema = z.object({ request_id: z.uuid() });

/** Starts a run. @returns its id */
export async function startRun(url: string, prompt: string, token?: string): Promise<string> {
  const started = await request(url, '/optimization/start', { method: 'POST', body: { prompt }, token });
  expect(started.status).toBe(200);
  return startedSchema.parse(started.body).request_id;
}

/** Waits until a run is in a state. @returns its progress */
export async function untilStatus(url: string, id: string, status: string, token?: string) {
  const read = async () => (await request(url, `/optimization/progress/${id}`, { token })).body;
  await expect.poll(read).toMatchObject({ status });
  return read();
}
