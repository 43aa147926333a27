import { expect } from 'vitest';
import { send } from '../support/raw-request.ts';
import { until } from '../support/until.ts';
import { fault } from './support/fault.ts';
import { createLoneAgent, type LoneAgent, newKey } from './support/lone-agent.ts';
import { publishing, startLoneProxy } from './support/lone-proxy.ts';

const hour = 3600;

fault(
  'a request repeated after the proxy’s clock went an hour ahead and was set back, without PostgreSQL',
  'accepted once and never again; what is signed from the next second on is accepted',
  async () => {
    const proxy = await startLoneProxy();
    try {
      const key = await newKey('first');
      proxy.provider.answer = publishing(proxy.issuer, () => [{ ...key.publicJwk, kid: key.kid }]);
      let ahead = 0;
      const agent = await createLoneAgent(proxy, key);
      const sign = async (by: LoneAgent) => {
        const request = { method: 'POST', path: '/orders', body: '{}' };
        return { ...request, headers: await by.sign(request), port: proxy.port };
      };
      const captured = await sign(agent);
      const statuses: number[] = [];
      const repeat = async (request = captured) => void statuses.push((await send(request)).status);
      await repeat();
      ahead = hour;
      await proxy.probe.moveClock(ahead);
      await repeat();
      // What is remembered is looked through with the next request that counts.
      await repeat(await sign(await createLoneAgent(proxy, key, () => Date.now() / 1000 + ahead)));
      await proxy.probe.moveClock(0);
      await repeat();
      expect(statuses).toEqual([200, 401, 200, 503]);
      const other = await createLoneAgent(proxy, key);
      await until('another request to be accepted', async () => (await send(await sign(other))).status === 200, 10_000);
      expect((await send(captured)).status).toBe(503);
      return `${statuses.join(', ')} (the third is another one), then 200 for another and 503 for it once more`;
    } finally {
      await proxy.stop();
    }
  },
);
