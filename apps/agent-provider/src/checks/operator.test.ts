import { problemHandler } from '@aauth-stack/aauth/hono';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { ProviderEnv } from './env.ts';
import { verifyOperator } from './operator.ts';

const token = 'an-operator-token-for-tests';
const app = new Hono<ProviderEnv>()
  .onError(problemHandler())
  .post('/', verifyOperator(token), (c) => c.body(null, 204));

function callFrom(remoteAddress: string | undefined): Response | Promise<Response> {
  const headers = { authorization: `Bearer ${token}` };
  return app.request('/', { method: 'POST', headers }, { incoming: { socket: { remoteAddress } } });
}

test.each(['127.0.0.1', '127.8.0.1', '::1', '::ffff:127.0.0.1'])(
  'from %s the operator is admitted',
  async (address) => {
    expect((await callFrom(address)).status).toBe(204);
  },
);

test.each(['192.0.2.1', '::ffff:192.0.2.1', '2001:db8::1', '127.example', undefined])(
  'from %s the right token is 403, without a signature header',
  async (address) => {
    const response = await callFrom(address);
    expect(response.status).toBe(403);
    expect(response.headers.get('signature-error')).toBeNull();
    expect(await response.json()).toMatchObject({ error: 'denied' });
  },
);
