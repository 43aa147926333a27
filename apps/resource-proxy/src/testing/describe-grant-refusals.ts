import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Answer } from './client.ts';
import { forge } from './forge.ts';
import { type GrantCast, granted, grantRefusals } from './grant-refusals.ts';
import { newKey } from './issuer.ts';
import { startPersonServer } from './person-server.ts';
import type { Port } from './ports.ts';
import { startProxy, type TestProxy } from './proxy.ts';

/** Runs the table of tokens of persons that are refused, at one of the proxy's ports. */
export function describeGrantRefusals(openPort: (proxy: TestProxy) => Port): void {
  let cast: GrantCast;
  let port: Port;

  beforeAll(async () => {
    const proxy = await startProxy({ mode: 'mode3' });
    cast = { proxy, stranger: await startPersonServer('stranger', () => proxy.clock.now) };
    port = openPort(proxy);
  });

  afterAll(async () => {
    port.close();
    await Promise.all([cast.proxy.close(), cast.stranger.close()]);
  });

  // Signatures of Ed25519 repeat themselves within a second.
  beforeEach(() => {
    cast.proxy.clock.now += 1;
  });

  const present = async (token: string): Promise<Answer> => port.send(await cast.proxy.signed({ token }));

  describe('an auth token that is accepted, with one thing altered', () => {
    test.each(grantRefusals)('$name', async ({ token, code }) => {
      expect((await present(await granted(cast))).status).toBe(200);
      const reached = cast.proxy.backend.count();
      cast.proxy.clock.now += 1;

      const answer = await present(await token(cast));

      expect(answer).toMatchObject({
        status: 401,
        headers: {
          'content-type': 'application/problem+json',
          // Whatever failed, the way up begins with a fresh person token.
          'aauth-requirement': 'requirement=person-token',
          'signature-error': `error=${code}`,
        },
      });
      expect(JSON.parse(answer.text)).toMatchObject({ error: code, detail: expect.any(String) });
      expect(cast.proxy.checks().at(-1)).toMatchObject({ level: 'none', result: 'error', reason: code });
      expect(cast.proxy.backend.count()).toBe(reached);
    });

    test('by a Person Server whose keys cannot be fetched: 503, and nobody is blamed', async () => {
      const unknown = await newKey('ps-2');
      const token = await forge(await granted(cast), { header: { kid: 'ps-2' } }, unknown);
      await cast.proxy.personServer.close();
      cast.proxy.clock.now += 24 * 3600;
      const renewed = await forge(
        token,
        { claims: { iat: cast.proxy.clock.now, exp: cast.proxy.clock.now + 600 } },
        unknown,
      );
      const answer = await present(renewed);
      expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } });
      expect(answer.headers).not.toHaveProperty('signature-error');
      expect(answer.headers).not.toHaveProperty('aauth-requirement');
    });
  });
}
