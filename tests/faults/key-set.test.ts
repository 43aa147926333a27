import type { RequestListener } from 'node:http';
import type { SigningKey } from '@aauth-stack/aauth/keys';
import { afterAll, beforeAll, expect } from 'vitest';
import { send } from '../support/raw-request.ts';
import { fault } from './support/fault.ts';
import { createLoneAgent, newKey } from './support/lone-agent.ts';
import { type LoneProxy, publishing, startLoneProxy } from './support/lone-proxy.ts';

let proxy: LoneProxy;
beforeAll(async () => {
  proxy = await startLoneProxy();
});
afterAll(() => proxy?.stop());

const published = ({ publicJwk, kid }: SigningKey) => ({ ...publicJwk, kid });

/** Everything that an agent provider may answer when it is not well. */
const ailments: Record<string, RequestListener> = {
  'answers 500': (_, response) => response.writeHead(500).end(),
  'closes the connection': (request) => request.socket.destroy(),
  'answers half of a document': (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' }).write('{"keys":[');
    response.socket?.end();
  },
  'answers with a page': (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Hello</p>'),
  'answers with an empty key set': (request, response) => publishing(proxy.issuer, () => [])(request, response),
  'leads elsewhere': (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/jwks.json' }).end(),
};

fault(
  'an agent provider whose key set comes and goes, each time in another way, for two hours',
  'agents that are known are served all the time, its new key counts when it is there again, nobody else’s ever does, and each of its two documents is asked for once a minute at most',
  async () => {
    let ahead = 0;
    const now = () => Date.now() / 1000 + ahead;
    const asked = new Map<string, number[]>();
    const [first, second, strange] = [await newKey('first'), await newKey('second'), await newKey('first')];
    let keys = [first];
    let ailment: RequestListener | undefined;
    proxy.provider.answer = (request, response) => {
      const path = `${request.url}`;
      asked.set(path, [...(asked.get(path) ?? []), now()]);
      (ailment ?? publishing(proxy.issuer, () => keys.map(published)))(request, response);
    };
    const statusFor = async (key: SigningKey): Promise<number> => {
      const agent = await createLoneAgent(proxy, key, now);
      const request = { method: 'GET', path: '/stock' };
      return (await send({ ...request, headers: await agent.sign(request), port: proxy.port })).status;
    };
    expect(await statusFor(first)).toBe(200);

    const seen: string[] = [];
    let unknown = 0;
    for (const [name, answer] of Object.entries(ailments).flatMap((entry) => [entry, entry])) {
      ailment = answer;
      for (let minute = 0; minute < 5; minute++) {
        ahead += 60;
        await proxy.probe.moveClock(ahead);
        const known = await statusFor(first);
        if (name !== 'answers with an empty key set') expect(`${name}: ${known}`).toBe(`${name}: 200`);
        // A key that only the provider could vouch for, and one that calls itself like one that it vouched for.
        for (const key of [second, strange]) {
          const status = await statusFor(key);
          expect([401, 503]).toContain(status);
          unknown += 1;
        }
      }
      ailment = undefined;
      ahead += 301;
      await proxy.probe.moveClock(ahead);
      expect(await statusFor(first)).toBe(200);
      seen.push(name);
    }
    keys = [first, second];
    ahead += 301;
    await proxy.probe.moveClock(ahead);
    expect(await statusFor(second)).toBe(200);
    expect(await statusFor(strange)).toBe(401);
    const times = [...asked.values()];
    const gaps = times.flatMap((moments) => moments.slice(1).map((moment, at) => moment - (moments[at] ?? moment)));
    expect(Math.min(...gaps)).toBeGreaterThan(59);
    return `${seen.length} times ill; every request of known agents 200, ${unknown} of unknown keys refused; asked for ${times.map(({ length }) => length).join(' + ')} documents in ${Math.round(ahead / 60)} minutes`;
  },
);
