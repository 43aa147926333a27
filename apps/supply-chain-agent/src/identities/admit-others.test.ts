import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createAdmittedFetch, createHttpFetch } from '@aauth-stack/aauth/node';
import { type HttpServer, serve } from '@aauth-stack/service/http';
import { captureLog } from '@aauth-stack/service/testing';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { identifiers } from '../../test/surroundings.ts';
import { admitOthers } from './admit-others.ts';

const http = createHttpFetch();
const admitted = createAdmittedFetch({ allowLoopback: false });
let server: HttpServer;
let reached: number;

beforeEach(async () => {
  reached = 0;
  const answer = () => {
    reached += 1;
    return new Response('here');
  };
  server = await serve({ fetch: answer, hostname: '127.0.0.1', port: 0, log: captureLog().log, drainMs: 100 });
});

afterEach(() => server.close());
afterAll(() => Promise.all([http.close(), admitted.close()]));

it('reaches a peer of the configuration on this machine, and nobody else there', async () => {
  const known = parseServerIdentifier(server.url, identifiers);
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
