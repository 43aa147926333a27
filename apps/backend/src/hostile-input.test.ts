import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBackend } from '../test/backend.ts';

let backend: Awaited<ReturnType<typeof startBackend>>;

beforeAll(async () => {
  backend = await startBackend();
});
afterAll(() => backend.close());

const odd = fc.constantFrom(
  '\0',
  'a\0b',
  '\ud800',
  '\u202e',
  "' OR 1=1 --",
  '%',
  '..',
  '{}',
  '-1',
  '1e999',
  '0000-01-01T00:00:00Z',
);
const text = fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 20 }), fc.uuid(), fc.integer().map(String));
const encoded = text.map((one) => encodeURIComponent(one.toWellFormed()));
const get = (path: (one: string) => string) => fc.tuple(fc.constant('GET'), encoded.map(path));
const post = (path: (one: string) => string) => fc.tuple(fc.constant('POST'), encoded.map(path));

test('whatever a page sends, it is an answer or a refusal', async () => {
  const request = fc.oneof(
    get((one) => `/optimization/progress/${one}`),
    get((one) => `/optimization/results/${one}`),
    get((one) => `/optimization/runs?limit=${one}&before=${one}&cursor=${one}`),
    get((one) => `/optimization/runs/${one}`),
    get((one) => `/agents/activities?limit=${one}`),
    get((one) => `/agents/status/${one}`),
    get((one) => `/flows?limit=${one}`),
    get((one) => `/flows/${one}`),
    get((one) => `/auth-callback?request_id=${one}&error=${one}`),
    post((one) => `/optimization/cancel/${one}`),
    post((one) => `/optimization/retry/${one}`),
    post(() => '/optimization/start'),
    post(() => '/otlp/v1/traces'),
    fc.tuple(
      fc.constant('DELETE'),
      encoded.map((one) => `/optimization/runs/${one}`),
    ),
  );
  const value = fc.oneof(text, fc.jsonValue({ maxDepth: 2 }));
  const names = ['optimization_type', 'scenario', 'custom_prompt', 'prompt', 'parameters', 'constraints', 'priority'];
  const body = fc.oneof(
    fc.record(Object.fromEntries([...names, 'resourceSpans'].map((name) => [name, value])), { requiredKeys: [] }),
    value,
  );
  await fc.assert(
    fc.asyncProperty(request, body, async ([method, path], said) => {
      const withBody =
        method === 'POST' ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(said) } : {};
      const response = await fetch(`${backend.url}${path}`, { method, redirect: 'manual', ...withBody });
      await response.text();
      expect(response.status, `${method} ${path}`).toBeLessThan(500);
    }),
  );
});
