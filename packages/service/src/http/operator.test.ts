import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { expect, test } from 'vitest';
import { verifyOperator } from './operator.ts';

const token = 'an-operator-token-for-tests';

function call(
  authorization: string,
  { remoteAddress = '127.0.0.1', configured = token }: Record<string, string | undefined> = {},
) {
  const app = new Hono().post(
    '/',
    verifyOperator({
      token: configured === '' ? undefined : configured,
      denied: (message) => new HTTPException(403, { message }),
      unauthorized: (message) => new HTTPException(401, { message }),
    }),
    (c) => c.body(null, 204),
  );
  const env = { incoming: { socket: { remoteAddress } } };
  return app.request('/', { method: 'POST', headers: { authorization } }, env);
}

test('the operator is admitted, with the token and from this machine alone', async () => {
  expect((await call(`Bearer ${token}`)).status).toBe(204);
  expect((await call(`bearer  ${token} `)).status).toBe(204);
  for (const wrong of ['', token, `Basic ${token}`, `Bearer ${token}x`, `Bearer ${token.slice(1)}`]) {
    expect((await call(wrong)).status).toBe(401);
  }
  expect((await call(`Bearer ${token}`, { remoteAddress: '192.0.2.1' })).status).toBe(403);
  expect((await call(`Bearer ${token}`, { remoteAddress: '127.example' })).status).toBe(403);
  expect((await call(`Bearer ${token}`, { remoteAddress: '::ffff:127.0.0.1' })).status).toBe(204);
});

test('without a token configured, nobody is', async () => {
  expect((await call(`Bearer ${token}`, { configured: '' })).status).toBe(403);
});
