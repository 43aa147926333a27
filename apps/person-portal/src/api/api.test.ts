import { expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { createApi } from './api.ts';
import { RefusedError, UnreachableError } from './errors.ts';

const origin = 'http://person-server.localhost:8765';
const schema = z.object({ ended: z.number() });

function apiThat(answers: () => Promise<Response>) {
  const fetch = vi.fn<typeof globalThis.fetch>(answers);
  const onSessionEnded = vi.fn();
  const api = createApi({ fetch, csrfToken: () => 'a token', origin, onSessionEnded });
  return { api, fetch, onSessionEnded };
}

const problem = (status: number, error: string, headers = {}) =>
  Response.json({ status, error, detail: 'Because.' }, { status, headers });

test('a change carries the token of the session, and its body as JSON', async () => {
  const { api, fetch } = apiThat(async () => Response.json({ ended: 2 }));
  const body = { scope: 'all' };
  await expect(api.changeAndRead('/person/sessions/end', { method: 'POST', body }, schema)).resolves.toEqual({
    ended: 2,
  });
  const headers = new Headers(fetch.mock.calls[0]?.[1]?.headers);
  expect(headers.get('x-csrf-token')).toBe('a token');
  expect(headers.get('content-type')).toBe('application/json');
  expect(fetch.mock.calls[0]?.[1]?.body).toBe('{"scope":"all"}');
});

test('reading carries no token, and a change without a body no content type', async () => {
  const { api, fetch } = apiThat(async () => Response.json({ ended: 0 }));
  await api.get('/person/x', schema);
  await api.change('/person/x', { method: 'DELETE' });
  expect(new Headers(fetch.mock.calls[0]?.[1]?.headers).has('x-csrf-token')).toBe(false);
  expect(new Headers(fetch.mock.calls[1]?.[1]?.headers).has('content-type')).toBe(false);
});

test('a refusal has the code, the words and the wait of the server', async () => {
  const { api } = apiThat(async () => problem(429, 'slow_down', { 'retry-after': '290' }));
  const error = await api.get('/person/x', schema).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RefusedError);
  expect(error).toMatchObject({ message: 'Because.', status: 429, code: 'slow_down', retryAfter: 290 });
});

test('an ended session is told once to whom it concerns; no other refusal is', async () => {
  const ended = apiThat(async () => problem(401, 'session_required'));
  await expect(ended.api.get('/person/x', schema)).rejects.toThrow('Because.');
  expect(ended.onSessionEnded).toHaveBeenCalledTimes(1);
  const refused = apiThat(async () => problem(403, 'wrong_origin'));
  await expect(refused.api.get('/person/x', schema)).rejects.toThrow('Because.');
  expect(refused.onSessionEnded).not.toHaveBeenCalled();
});

test.each([
  ['nobody answers', () => Promise.reject(new TypeError('Failed to fetch')), /not answering at http:\/\/person-server/],
  ['something else answers', async () => new Response('<h1>502</h1>', { status: 502 }), /not the Person Server/],
  ['the answer is of another version', async () => Response.json({ finished: 2 }), /another version/],
  ['the answer is no JSON', async () => new Response('<!doctype html>'), /another version/],
])('when %s, it says so', async (_, answers, words) => {
  const error = await apiThat(answers)
    .api.get('/person/x', schema)
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UnreachableError);
  expect(error).toHaveProperty('message', expect.stringMatching(words));
});
