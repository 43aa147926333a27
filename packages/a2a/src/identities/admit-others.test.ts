import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createAdmittedFetch, createHttpFetch } from '@aauth-stack/aauth/node';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { admitOthers } from './admit-others.ts';

const http = createHttpFetch();
const admitted = createAdmittedFetch({ allowLoopback: false });
let server: Server;
let url: string;
let reached: number;

beforeEach(async () => {
  reached = 0;
  server = createServer((_request, response) => {
    reached += 1;
    response.end('here');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
});

afterEach(async () => {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
});
afterAll(() => Promise.all([http.close(), admitted.close()]));

it('reaches a peer of the configuration on this machine, and nobody else there', async () => {
  const known = parseServerIdentifier(url, { allowLoopback: true });
  const fetch = admitOthers(http, [known], admitted);
  expect(await (await fetch(`${known}/person-token`, { method: 'POST' })).text()).toBe('here');
  expect(await (await fetch(new Request(`${known}/person-token`))).text()).toBe('here');
  expect(reached).toBe(2);

  const stranger = `http://localhost:${new URL(known).port}`;
  await expect(fetch(`${stranger}/person-token`, { method: 'POST' })).rejects.toThrow(TypeError);
  await expect(fetch(`https://${new URL(known).host}/`)).rejects.toThrow(TypeError);
  await expect(admitOthers(http, [], admitted)(known)).rejects.toThrow(TypeError);
  expect(reached).toBe(2);
});
