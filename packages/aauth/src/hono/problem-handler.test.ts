import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { describe, expect, it, vi } from 'vitest';
import { PolicyError, UnavailableError } from '../errors.ts';
import { problemHandler } from './problem-handler.ts';

async function answer(thrown: unknown) {
  const log = { warn: vi.fn(), error: vi.fn() };
  const app = new Hono().onError(problemHandler({ log }));
  app.get('/x', () => {
    throw thrown;
  });
  const response = await app.request('/x');
  return { response, text: await response.text(), log };
}

describe('problemHandler', () => {
  it('answers an error of the protocol as it says, and logs a refusal as a warning', async () => {
    const error = new PolicyError('denied', 'Not you.', 'evidence');
    const { response, text, log } = await answer(error);
    expect(response.status).toBe(403);
    expect(JSON.parse(text)).toEqual({ type: 'about:blank', status: 403, error: 'denied', detail: 'Not you.' });
    expect(log.warn).toHaveBeenCalledWith({ err: error, method: 'GET', path: '/x', status: 403 }, expect.any(String));
    expect(log.error).not.toHaveBeenCalled();
  });

  it('says nothing of what nobody foresaw, and logs it as an error', async () => {
    const { response, text, log } = await answer(new Error('password=hunter2'));
    expect(response.status).toBe(500);
    expect(text).not.toContain('hunter2');
    expect(JSON.parse(text)).toMatchObject({ error: 'server_error' });
    expect(log.error).toHaveBeenCalledOnce();
  });

  it('keeps Retry-After', async () => {
    const { response } = await answer(new UnavailableError('down', { retryAfter: 7 }));
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('7');
  });

  it('understands the exceptions of Hono’s own middleware', async () => {
    const refused = await answer(new HTTPException(413, { message: 'Payload Too Large' }));
    expect(refused.response.status).toBe(413);
    expect(JSON.parse(refused.text)).toMatchObject({ error: 'invalid_request', detail: 'Payload Too Large' });
    const own = await answer(
      new HTTPException(401, { res: new Response('own', { status: 401, headers: { 'x-y': '1' } }) }),
    );
    expect(own.response.headers.get('x-y')).toBe('1');
    const failed = await answer(new HTTPException(502, { message: 'internal name' }));
    expect(failed.response.status).toBe(500);
    expect(failed.text).not.toContain('internal name');
  });
});
