import { describe, expect, it } from 'vitest';
import { pendingResponse } from './pending-response.ts';

describe('pendingResponse', () => {
  it('has every header of a pending response', () => {
    expect(pendingResponse({ location: '/pending/1' })).toEqual({
      status: 202,
      headers: {
        location: '/pending/1',
        'retry-after': '5',
        'cache-control': 'no-store',
        'content-type': 'application/json',
      },
      body: '{"status":"pending"}',
    });
  });

  it('says what the agent is to do, and adds members', () => {
    const { headers, body } = pendingResponse({
      location: '/pending/1',
      retryAfter: 0,
      status: 'interacting',
      requirement: { requirement: 'interaction', parameters: { url: 'https://ps.example/consent', code: 'ABCD' } },
      members: { expires_at: '2026-11-21T12:00:00Z', status: 'ignored' },
    });
    expect(headers['retry-after']).toBe('0');
    expect(headers['aauth-requirement']).toBe('requirement=interaction;url="https://ps.example/consent";code="ABCD"');
    expect(JSON.parse(body)).toEqual({ status: 'interacting', expires_at: '2026-11-21T12:00:00Z' });
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses to wait for %s seconds', (retryAfter) => {
    expect(() => pendingResponse({ location: '/pending/1', retryAfter })).toThrow(TypeError);
  });
});
