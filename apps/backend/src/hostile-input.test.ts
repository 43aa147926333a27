import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackend } from '../test/backend.ts';
import { request } from '../test/requests.ts';

let backend: Awaited<ReturnType<typeof startBackend>>;

beforeAll(async () => {
  backend = await startBackend({ session: { status: () => ({ state: 'enrolled', detail: 'It is enrolled.' }) } });
});
afterAll(() => backend?.close());

it.each(['a\0b', '\ud800', '\u202e', "' OR 1=1 --", 'x'.repeat(5000)])(
  '%j is no failure of the server',
  async (odd) => {
    const post = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const start = await fetch(`${backend.url}/optimization/start`, {
      ...post,
      body: JSON.stringify({ prompt: odd, scenario: odd }),
    });
    expect(start.status).toBeLessThan(500);
    const prompt = await fetch(`${backend.url}/optimization/start`, { ...post, body: JSON.stringify({ prompt: odd }) });
    expect(prompt.status).toBeLessThan(500);
    const id = encodeURIComponent(odd.toWellFormed());
    for (const path of [
      `/optimization/progress/${id}`,
      `/optimization/results/${id}`,
      `/flows/${id}`,
      `/optimization/runs?before=${id}`,
    ]) {
      expect((await request(backend.url, path)).status).toBeLessThan(500);
    }
  },
);
