import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Answer, judgePoll, judgeRevocation } from './outcome.ts';

const now = () => 1_800_000_000;
const url = new URL('https://resource.example/revoke');

function answer(status: number, headers: Record<string, string> = {}, body?: unknown): Answer {
  return { status, headers: new Headers(headers), text: body === undefined ? '' : JSON.stringify(body), url };
}

describe('the answer to a revocation', () => {
  test.each([
    ['200', answer(200), { state: 'delivered' }],
    ['204', answer(204), { state: 'delivered' }],
    [
      '200 with what became of it downstream',
      answer(200, {}, { downstream: [{ recipient: 'a', error: 'revocation_unsupported' }, { recipient: 'b' }] }),
      { state: 'delivered', error: 'not passed on to a: revocation_unsupported' },
    ],
    [
      '202',
      answer(202, { location: 'pending/1', 'retry-after': '3' }),
      { state: 'pending', pendingUrl: 'https://resource.example/pending/1', retryAfter: 3 },
    ],
    ['202 without Retry-After', answer(202, { location: '/p' }), { state: 'pending', retryAfter: 5 }],
    ['202 without Location', answer(202), { state: 'waiting' }],
    ['202 that leads to another origin', answer(202, { location: 'https://evil.example/' }), { state: 'waiting' }],
    ['302', answer(302, { location: 'https://evil.example/' }), { state: 'waiting', error: '302' }],
    [
      '400',
      answer(400, {}, { error: 'invalid_request', detail: 'exp' }),
      { state: 'refused', error: '400 invalid_request (exp)' },
    ],
    ['401', answer(401, {}, { error: 'unknown_key' }), { state: 'waiting', error: '401 unknown_key' }],
    ['403', answer(403, {}, { error: 'unsupported_iss' }), { state: 'refused', error: '403 unsupported_iss' }],
    ['404', answer(404), { state: 'waiting', error: '404' }],
    ['429', answer(429, { 'retry-after': '7' }), { state: 'waiting', retryAfter: 7 }],
    ['503', answer(503), { state: 'waiting', error: '503', retryAfter: undefined }],
  ])('%s', (_, given, expected) => {
    expect(judgeRevocation(given, now)).toMatchObject(expected);
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
    ['408 expired', answer(408, {}, { error: 'expired' }), { state: 'waiting', error: '408 expired' }],
    ['500', answer(500), { state: 'waiting', error: '500' }],
  ])('%s', (_, given, expected) => {
    expect(judgePoll(given, now)).toMatchObject(expected);
  });
});

test('whatever a recipient answers is understood as something, and kept short', () => {
  const ascii = fc.string({ unit: 'grapheme-ascii' });
  const location = fc.oneof(
    fc.constantFrom('/p/1', '//evil.example', 'https://evil.example/', 'javascript:1', ''),
    ascii,
  );
  const headers = fc.record({ location, 'retry-after': ascii });
  const anything = fc.string({ unit: 'binary', maxLength: 500 });
  const text = fc.oneof(
    anything,
    fc.json(),
    anything.map((detail) => JSON.stringify({ detail })),
  );
  fc.assert(
    fc.property(fc.integer({ min: 200, max: 599 }), headers, text, (status, fields, body) => {
      const given = { status, headers: new Headers(fields), text: body, url };
      return [judgeRevocation(given, now), judgePoll(given, now)].every(
        ({ state, error = '', pendingUrl }) =>
          ['delivered', 'pending', 'waiting', 'refused'].includes(state) &&
          error.length <= 300 &&
          (pendingUrl === undefined ? state !== 'pending' : new URL(pendingUrl).origin === url.origin),
      );
    }),
  );
});
