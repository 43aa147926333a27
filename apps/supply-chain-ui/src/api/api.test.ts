import { expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { createApi } from './api.ts';
import { RefusedError, UnreachableError } from './errors.ts';

const backend = 'http://backend.localhost:8000';
const schema = z.object({ started: z.number() });

function apiThat(answers: () => Promise<Response>, token?: string) {
  const fetch = vi.fn<typeof globalThis.fetch>(answers);
  const onSignInNeeded = vi.fn();
  return { api: createApi({ fetch, backend, token: () => token, onSignInNeeded }), fetch, onSignInNeeded };
}

const headersOf = ({ mock }: { mock: { calls: Parameters<typeof fetch>[] } }) =>
  new Headers(mock.calls[0]?.[1]?.headers);

test('what is sent is JSON, without cookies, as whoever is signed in', async () => {
  const { api, fetch } = apiThat(async () => Response.json({ started: 1 }), 'a token');
  await expect(api.post('/optimization/start', { prompt: 'x' }, schema)).resolves.toEqual({ started: 1 });
  expect(fetch.mock.calls[0]?.[0]?.toString()).toBe('http://backend.localhost:8000/optimization/start');
  expect(fetch.mock.calls[0]?.[1]).toMatchObject({ method: 'POST', body: '{"prompt":"x"}', credentials: 'omit' });
  expect(headersOf(fetch).get('content-type')).toBe('application/json');
  expect(headersOf(fetch).get('authorization')).toBe('Bearer a token');
});

test('a guest sends no token', async () => {
  const { api, fetch } = apiThat(async () => Response.json({ started: 1 }));
  await api.get('/x', schema);
  expect(headersOf(fetch).has('authorization')).toBe(false);
});

test('a refusal has the code and the words of the backend; one for want of a sign-in is told', async () => {
  const problem = (status: number, error: string) => Response.json({ status, error, detail: 'Because.' }, { status });
  const gone = apiThat(async () => problem(404, 'not_found'));
  const error = await gone.api.get('/x', schema).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RefusedError);
  expect(error).toMatchObject({ message: 'Because.', status: 404, code: 'not_found' });
  expect(gone.onSignInNeeded).not.toHaveBeenCalled();
  const unknown = apiThat(async () => problem(401, 'sign_in_required'));
  await expect(unknown.api.remove('/x')).rejects.toThrow('Because.');
  expect(unknown.onSignInNeeded).toHaveBeenCalledTimes(1);
});

test.each([
  ['nobody answers', () => Promise.reject(new TypeError('Failed to fetch')), /not answering at http:\/\/backend/],
  ['something else answers', async () => new Response('<h1>502</h1>', { status: 502 }), /not the backend/],
  ['the answer is of another version', async () => Response.json({ finished: 2 }), /another version/],
  ['the answer is no JSON', async () => new Response('<!doctype html>'), /another version/],
])('when %s, it says so', async (_, answers, words) => {
  const error = await apiThat(answers)
    .api.get('/x', schema)
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UnreachableError);
  expect(error).toHaveProperty('message', expect.stringMatching(words));
});

test('events are read from a stream of events only', async () => {
  const type = { 'content-type': 'text/event-stream' };
  const { api } = apiThat(async () => new Response('event: run\ndata: 1\n\n', { headers: type }));
  const { signal } = new AbortController();
  expect(await Array.fromAsync(api.events('/x', signal))).toEqual([{ event: 'run', data: '1' }]);
  const page = apiThat(async () => new Response('data: 1\n\n', { headers: { 'content-type': 'text/html' } })).api;
  await expect(Array.fromAsync(page.events('/x', signal))).rejects.toThrow('no event stream');
});
