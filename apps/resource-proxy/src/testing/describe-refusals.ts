import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startAgentProvider } from './agent-provider.ts';
import type { Port } from './ports.ts';
import { startProxy, type TestProxy } from './proxy.ts';
import { type Cast, signatureRefusals } from './signature-refusals.ts';

/** Runs the table of refusals at one of the proxy's ports. */
export function describeSignatureRefusals(openPort: (proxy: TestProxy) => Port): void {
  let cast: Cast;
  let port: Port;

  beforeAll(async () => {
    const now = () => proxy.clock.now;
    const [liar, silent, stranger] = await Promise.all([
      startAgentProvider('liar', now),
      startAgentProvider('silent', now),
      startAgentProvider('stranger', now),
    ]);
    liar.metadata({ issuer: stranger.issuer });
    silent.metadata({ jwks_uri: `${silent.issuer}/nothing-here` });
    const proxy = await startProxy({
      resources: (text) =>
        text.replaceAll(
          /^( *)- issuer: \$\{AGENT_PROVIDER_URL.*$/gm,
          `$&\n$1- issuer: ${liar.issuer}\n$1- issuer: ${silent.issuer}`,
        ),
    });
    cast = { proxy, liar, silent, stranger };
    port = openPort(proxy);
  });

  afterAll(async () => {
    port.close();
    await Promise.all([cast.proxy.close(), cast.liar.close(), cast.silent.close(), cast.stranger.close()]);
  });

  // Signatures of Ed25519 repeat themselves within a second.
  beforeEach(() => {
    cast.proxy.clock.now += 1;
  });

  describe('a request that is accepted, with one thing altered', () => {
    test.each(signatureRefusals)('$name', async ({ request, code, status = 401, headers = {}, result = 'error' }) => {
      const { proxy } = cast;
      expect(await port.send(await proxy.signed())).toMatchObject({ status: 200 });
      const reached = proxy.backend.count();
      const decided = proxy.checks().length;
      proxy.clock.now += 1;

      const answer = await port.send(await request(cast));

      expect(answer.status).toBe(status);
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(JSON.parse(answer.text)).toMatchObject({ status, error: code, detail: expect.any(String) });
      if (status === 401) {
        expect(JSON.parse(answer.text).type).toBe(`urn:ietf:params:sig-error:${code}`);
        expect(answer.headers['aauth-requirement']).toBe('requirement=agent-token');
        expect(answer.headers['signature-error']).toMatch(new RegExp(`^error=${code}(,|$)`));
      } else {
        expect(answer.headers['signature-error']).toBeUndefined();
      }
      for (const [name, value] of Object.entries(headers)) expect(answer.headers[name]).toMatch(value);
      const [line, ...others] = proxy.checks().slice(decided);
      expect(others).toEqual([]);
      expect(line).toMatchObject({
        resource_id: 'supply-chain-agent',
        level: 'none',
        result,
        reason: code,
        latency_ms: expect.any(Number),
      });
      expect(proxy.backend.count()).toBe(reached);
    });
  });
}
