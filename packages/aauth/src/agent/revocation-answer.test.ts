import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRevocationAnswer, readRevocationPoll } from './revocation-answer.ts';

const now = () => 1_800_000_000;
const url = new URL('https://resource.example/revoke');

function answer(status: number, headers: Record<string, string> = {}, body?: unknown): Response {
  return new Response(body === undefined ? null : JSON.stringify(body), { status, headers });
}

describe('the answer to a revocation', () => {
  test.each([
    ['200', answer(200), { state: 'delivered', error: undefined }],
    ['204', answer(204), { state: 'delivered' }],
    [
      '200 with what became of it downstream',
      answer(
        200,
        {},
        { downstream: [{ recipient: 'a', error: 'revocation_unsupported' }, { recipient: 'b' }, 7, null] },
      ),
      { state: 'delivered', error: 'not passed on to a: revocation_unsupported' },
    ],
    [
      '202',
      answer(202, { location: 'pending/1', 'retry-after': '3' }),
      { state: 'pending', pendingUrl: 'https://resource.example/pending/1', retryAfter: 3 },
    ],
    ['202 without Retry-After', answer(202, { location: '/p' }), { state: 'pending', retryAfter: 5 }],
    ['202 without Location', answer(202), { state: 'failed' }],
    ['202 that leads to another origin', answer(202, { location: 'https://evil.example/' }), { state: 'failed' }],
    ['302', answer(302, { location: 'https://evil.example/' }), { state: 'failed', error: '302' }],
    [
      '400',
      answer(400, {}, { error: 'invalid_request', detail: 'exp' }),
      { state: 'refused', error: '400 invalid_request (exp)' },
    ],
    ['401', answer(401, {}, { error: 'unknown_key' }), { state: 'failed', error: '401 unknown_key' }],
    ['403', answer(403, {}, { error: 'unsupported_iss' }), { state: 'refused', error: '403 unsupported_iss' }],
    ['404', answer(404), { state: 'failed', error: '404' }],
    ['429', answer(429, { 'retry-after': '7' }), { state: 'failed', retryAfter: 7 }],
    ['503', answer(503), { state: 'failed', error: '503', retryAfter: undefined }],
  ])('%s', async (_, given, expected) => {
    expect(await readRevocationAnswer(given, url, now)).toMatchObject(expected);
  });
});

describe('the answer to a poll', () => {
  test.each([
    ['200', answer(200), { state: 'delivered' }],
    ['202 without Location', answer(202), { state: 'pending', pendingUrl: url.href, retryAfter: 5 }],
    ['202 with a new Location', answer(202, { location: '/p/2' }), { pendingUrl: 'https://resource.example/p/2' }],
    ['429 slow_down', answer(429, { 'retry-after': '2' }), { state: 'pending', pendingUrl: url.href, retryAfter: 7 }],
    ['503', answer(503), { state: 'pending', pendingUrl: url.href }],
    ['403 denied', answer(403, {}, { error: 'denied' }), { state: 'refused' }],
    ['408 expired', answer(408, {}, { error: 'expired' }), { state: 'failed', error: '408 expired' }],
    ['500', answer(500), { state: 'failed', error: '500' }],
  ])('%s', async (_, given, expected) => {
    expect(await readRevocationPoll(given, url, now)).toMatchObject(expected);
  });
});

test('whatever a recipient answers is understood as something, and kept short', async () => {
  const ascii = fc.string({ unit: 'grapheme-ascii' });
  const location = fc.oneof(fc.constantFrom('/p/1', '//evil.example', 'https://evil.example/', 'data:,1', ''), ascii);
  const headers = fc.record({ location, 'retry-after': ascii });
  const anything = fc.string({ unit: 'binary', maxLength: 320 });
  const member = fc.oneof(anything, fc.constantFrom(7, null, { toString: 1 }));
  const entry = fc.record({ recipient: member, error: member }, { requiredKeys: [] });
  const body = fc.record({
    error: member,
    detail: member,
    downstream: fc.array(fc.oneof(entry, member), { maxLength: 5 }),
  });
  const text = fc.oneof(
    anything,
    fc.json(),
    body.map((members) => JSON.stringify(members)),
  );
  const status = fc.integer({ min: 200, max: 599 }).filter((code) => ![204, 205, 304].includes(code));
  await fc.assert(
    fc.asyncProperty(status, headers, text, async (code, fields, content) => {
      const response = () => new Response(content, { status: code, headers: fields });
      const outcomes = [
        await readRevocationAnswer(response(), url, now),
        await readRevocationPoll(response(), url, now),
      ];
      return outcomes.every(
        ({ state, error = '', pendingUrl, retryAfter = 0 }) =>
          ['delivered', 'pending', 'failed', 'refused'].includes(state) &&
          error.length <= 300 &&
          retryAfter >= 0 &&
          (pendingUrl === undefined ? state !== 'pending' : new URL(pendingUrl).origin === url.origin),
      );
    }),
  );
});
