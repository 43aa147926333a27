import { afterEach, describe, expect, test } from 'vitest';
import { send } from '../testing/client.ts';
import { startProxy, type TestProxy } from '../testing/proxy.ts';
import { freePort } from '../testing/servers.ts';

describe('a service that does not answer', () => {
  let slow: TestProxy;

  afterEach(() => slow.close());

  test('is 502 when it cannot be reached', async () => {
    slow = await startProxy({ environment: { SUPPLY_CHAIN_AGENT_PORT: String(await freePort()) } });
    const answer = await send(slow.port, await slow.signed());
    expect(answer).toMatchObject({ status: 502, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'upstream_unavailable' });
    expect(answer.text).not.toContain('127.0.0.1');
    expect(slow.lines()).toContainEqual(expect.objectContaining({ level: 'warn', err: expect.anything() }));
  });

  test('is 502 when it hangs up', async () => {
    slow = await startProxy();
    slow.backend.answer((request) => request.socket.destroy());
    const answer = await send(slow.port, await slow.signed());
    expect(answer.status).toBe(502);
  });

  test('is 504 when it takes longer than the route allows', async () => {
    slow = await startProxy({
      gateway: (text) => text.replaceAll('a2a: {}', 'a2a: {}\n              timeout: { requestTimeout: 50ms }'),
    });
    slow.backend.answer((request) => request.resume());
    const answer = await send(slow.port, await slow.signed());
    expect(answer).toMatchObject({ status: 504, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'upstream_timeout' });
  });
});
