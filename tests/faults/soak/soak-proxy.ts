import { Agent, request as httpRequest } from 'node:http';
import type { LoneProxy } from '../support/lone-proxy.ts';
import { publishing } from '../support/lone-proxy.ts';
import type { Measured } from '../support/measure.ts';
import { createSoakingAgents, type SoakRequest } from './soaking-agents.ts';

/** Connections on which requests follow each other. */
const lanes = 8;
/** Seconds by which the clock goes on at a time. */
const step = 20;

export interface Soaked {
  answered: number;
  wrong: string[];
  measured: Measured[];
}

/** Sends requests through a proxy, so many within so many seconds of its clock, and measures it so many times. */
export async function soakProxy(
  proxy: LoneProxy,
  { requests, seconds, parts }: { requests: number; seconds: number; parts: number },
): Promise<Soaked> {
  const soaked: Soaked = { answered: 0, wrong: [], measured: [] };
  const connections = new Agent({ keepAlive: true, maxSockets: lanes });
  let ahead = 0;
  let keys: readonly unknown[] = [];
  const { issuer, authority, port } = proxy;
  const agents = createSoakingAgents({
    issuer,
    authority,
    now: () => Date.now() / 1000 + ahead,
    publish: (published) => {
      keys = published;
    },
    strangers: 401,
  });
  proxy.provider.answer = publishing(issuer, () => keys);

  async function lane(number: number, count: number): Promise<void> {
    for (let sent = 0; sent < count; sent++) {
      const request = await agents.next(number);
      const status = await statusOf(request, port, connections);
      soaked.answered += 1;
      if (status !== request.expected) {
        soaked.wrong.push(`${request.method} ${request.path}: ${status} instead of ${request.expected}`);
      }
    }
  }

  const steps = Math.floor(seconds / step);
  try {
    for (let done = 0; done < steps; done++) {
      ahead += step;
      await proxy.probe.moveClock(ahead);
      await agents.renew();
      const share = Math.floor(((done + 1) * requests) / steps) - soaked.answered;
      const counts = Array.from({ length: lanes }, (_, at) => Math.floor((share + at) / lanes));
      await Promise.all(counts.map((count, number) => lane(number, count)));
      if ((done + 1) % Math.floor(steps / parts) === 0) soaked.measured.push(await proxy.probe.measure());
    }
  } finally {
    connections.destroy();
  }
  return soaked;
}

function statusOf({ method, path, headers, body }: SoakRequest, port: number, agent: Agent): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const outgoing = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent }, (response) => {
    response
      .on('end', () => resolve(response.statusCode ?? 0))
      .on('error', reject)
      .resume();
  });
  outgoing.on('error', reject).end(body);
  return promise;
}
