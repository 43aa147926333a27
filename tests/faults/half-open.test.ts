import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { send } from '../support/raw-request.ts';
import { until } from '../support/until.ts';
import { fault } from './support/fault.ts';
import { createLoneAgent, type LoneAgent, newKey } from './support/lone-agent.ts';
import { type LoneProxy, publishing, startLoneProxy } from './support/lone-proxy.ts';

let proxy: LoneProxy;
let agent: LoneAgent;
/** What the proxy holds on to when nothing is under way. */
let idle: number;
const reached: string[] = [];

beforeAll(async () => {
  proxy = await startLoneProxy({ UPSTREAM_TIMEOUT: '2' });
  const key = await newKey('first');
  proxy.provider.answer = publishing(proxy.issuer, () => [{ ...key.publicJwk, kid: key.kid }]);
  agent = await createLoneAgent(proxy, key);
  // The connection to the service that is kept open between requests is there from now on.
  expect(await statusOfNext()).toBe(200);
  idle = (await proxy.probe.measure()).handles;
});
afterAll(() => proxy?.stop());

beforeEach(() => {
  reached.length = 0;
  proxy.service.answer = (request, response) => {
    request.resume().on('end', () => {
      reached.push(`${request.method} ${request.url}`);
      response.end('{}');
    });
  };
});

async function statusOfNext(): Promise<number> {
  const request = { method: 'GET', path: '/next' };
  return (await send({ ...request, headers: await agent.sign(request), port: proxy.port })).status;
}

/** A request as it goes over the wire. */
async function wire(request: { method: string; path: string; body?: string }): Promise<string> {
  const { method, path, body } = request;
  const length = body === undefined ? {} : { 'content-length': `${Buffer.byteLength(body)}` };
  const headers = { ...(await agent.sign(request)), ...length };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`;
}

async function dial(): Promise<Socket> {
  const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  // What a test does not look at is not its business.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** The next request is served, and what the fault has left open is closed again. */
async function recovered(): Promise<void> {
  expect(await statusOfNext()).toBe(200);
  await until('the proxy to hold on to nothing', async () => (await proxy.probe.measure()).handles <= idle, 20_000);
}

fault(
  'a client that closes its side once it has sent its request, and one that closes altogether',
  'it has left, as a proxy in front that gives up has: the service behind is told, and nothing stays open',
  async () => {
    let begun = 0;
    let told = 0;
    const served = proxy.service.answer;
    proxy.service.answer = (_, response) => {
      begun += 1;
      response.on('close', () => {
        told += 1;
      });
    };
    for (const leave of ['end', 'destroy'] as const) {
      const socket = await dial();
      socket.write(await wire({ method: 'GET', path: '/stock' }));
      await until('the request to arrive', () => begun > told);
      socket[leave]();
      await until('the service to be told', () => begun === told);
    }
    proxy.service.answer = served;
    await recovered();
    return `${told} of ${begun} told`;
  },
);

fault(
  'a client that closes its side in the middle of a body',
  'nothing of it arrives, and nothing stays open',
  async () => {
    const request = await wire({ method: 'POST', path: '/orders', body: '{"item":1}' });
    const socket = await dial();
    socket.end(request.slice(0, -4));
    const answer = await text(socket).catch(() => '');
    expect(answer).not.toContain('200 OK');
    expect(reached).toEqual([]);
    await recovered();
    return answer === '' ? 'the connection is closed' : (answer.split('\r\n')[0] ?? '');
  },
);

fault(
  'two hundred clients that send half a request and stay',
  'others are served meanwhile; when they are gone nothing is left of them',
  async () => {
    const request = await wire({ method: 'POST', path: '/orders', body: '{"item":1}' });
    const sockets = await Promise.all(Array.from({ length: 200 }, dial));
    for (const socket of sockets) socket.write(request.slice(0, -4));
    for (let other = 0; other < 20; other++) expect(await statusOfNext()).toBe(200);
    for (const socket of sockets) socket.resetAndDestroy();
    await recovered();
    expect(reached.filter((line) => line.startsWith('POST'))).toEqual([]);
    return '20 of 20 others served';
  },
);

fault(
  'clients that leave while a stream is silent',
  'the service behind is told at once that nobody listens',
  async () => {
    let left = 0;
    proxy.service.answer = (request, response) => {
      if (request.url === '/next') return void response.end('{}');
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': here\n\n');
      response.on('close', () => {
        left += 1;
      });
    };
    const sockets = await Promise.all(Array.from({ length: 50 }, dial));
    await Promise.all(
      sockets.map(async (socket) => {
        socket.write(await wire({ method: 'GET', path: '/events' }));
        await once(socket, 'data');
      }),
    );
    for (const socket of sockets) socket.destroy();
    await until('all streams to end', () => left === sockets.length);
    await recovered();
    return `${left} of ${sockets.length} streams ended`;
  },
);

fault(
  'a service that closes its side in the middle of an answer',
  'the client can tell that it is not whole, and the next request is served',
  async () => {
    const whole = proxy.service.answer;
    proxy.service.answer = (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"half":');
      response.socket?.end();
    };
    const socket = await dial();
    socket.write(await wire({ method: 'GET', path: '/stock' }));
    const answer = await text(socket).catch((error: Error) => error.message);
    expect(answer).not.toMatch(/\{\}/);
    const body = answer.split('\r\n\r\n')[1] ?? '';
    expect(body.length).toBeLessThan(100);
    proxy.service.answer = whole;
    await recovered();
    return `the connection ends after ${body.length} of 100 bytes`;
  },
);

fault(
  'a service that answers with nothing, by FIN and by RST',
  '502 upstream_unavailable, and the next request is served',
  async () => {
    const whole = proxy.service.answer;
    const statuses: number[] = [];
    for (const end of ['end', 'resetAndDestroy'] as const) {
      proxy.service.answer = (request) => void request.socket[end]();
      const request = { method: 'GET', path: '/stock' };
      const { status, body } = await send({ ...request, headers: await agent.sign(request), port: proxy.port });
      statuses.push(status);
      expect(JSON.parse(body)).toMatchObject({ error: 'upstream_unavailable' });
      proxy.service.answer = whole;
      await recovered();
    }
    expect(statuses).toEqual([502, 502]);
    return '502, 502';
  },
);

fault(
  'a service that takes requests and never answers, with UPSTREAM_TIMEOUT=2',
  '504 upstream_timeout after two seconds, others served meanwhile, nothing left of it',
  async () => {
    proxy.service.answer = (request, response) => void (request.url === '/next' && response.end('{}'));
    const started = performance.now();
    const request = { method: 'POST', path: '/orders', body: '{}' };
    const slow = send({ ...request, headers: await agent.sign(request), port: proxy.port });
    for (let other = 0; other < 20; other++) expect(await statusOfNext()).toBe(200);
    const { status, body } = await slow;
    const seconds = (performance.now() - started) / 1000;
    expect([status, JSON.parse(body).error]).toEqual([504, 'upstream_timeout']);
    await recovered();
    return `504 after ${seconds.toFixed(1)} s, 20 of 20 others served`;
  },
);

fault(
  'a service that closes the connection it kept, as the next request comes',
  'no request that changes something is sent twice',
  async () => {
    const statuses: number[] = [];
    for (let round = 0; round < 20; round++) {
      expect(await statusOfNext()).toBe(200);
      reached.length = 0;
      proxy.service.server.closeIdleConnections();
      const request = { method: 'POST', path: '/orders', body: '{}' };
      const { status } = await send({ ...request, headers: await agent.sign(request), port: proxy.port });
      statuses.push(status);
      expect(reached.length).toBe(status === 200 ? 1 : 0);
    }
    expect(statuses.every((status) => status === 200 || status === 502)).toBe(true);
    await recovered();
    const served = statuses.filter((status) => status === 200).length;
    return `${served} of 20 served, ${20 - served} times 502, none twice`;
  },
);
