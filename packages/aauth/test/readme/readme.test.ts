import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAgentFetch, createServerFetch } from '../../src/agent/index.ts';
import { systemClock } from '../../src/clock.ts';
import { parseServerIdentifier } from '../../src/identifiers.ts';
import { nodeKeys } from '../../src/node/keys.ts';
import type { Resource } from '../../src/resource/resource.ts';
import { createAccessWorld, createTestAgent, identifiers } from '../support/access-world.ts';
import { startAgentProvider } from '../support/enrolment-provider.ts';
import { createKey } from '../support/keys.ts';
import { startPersonServer } from '../support/person-server.ts';
import { startServer } from '../support/server.ts';
import { startAgent } from './agent.ts';
import { fetchForWork } from './agent-for-work.ts';
import { createShop } from './challenging-resource.ts';
import { createExpressApp } from './express.ts';
import { createHandler } from './fetch-handler.ts';
import { createApp } from './hono.ts';
import { createInventoryServer } from './node-http.ts';
import { createInventory } from './resource.ts';

const here = (file: string) => new URL(file, import.meta.url);
const personServer = parseServerIdentifier('http://person-server.localhost:1', identifiers);
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** An agent that has enrolled, and a server of the given kind that it may talk to, each on a port of its own. */
async function setUp(createServerOf: (inventory: Resource) => Pick<Server, 'emit'>) {
  const provider = await startAgentProvider(systemClock);
  provider.decision = 'approved';
  provider.instead = ({ target }) =>
    target === '/.well-known/jwks.json' ? Response.json({ keys: [provider.key.publicJwk] }) : undefined;
  const folder = await mkdtemp(join(tmpdir(), 'aauth-readme-'));
  provider.claims = { personServer };
  const agent = await startAgent(provider.issuer, personServer, join(folder, 'stable.pem'), silent);
  onTestFinished(async () => {
    await agent.stop();
    await rm(folder, { recursive: true });
  });
  let server: Pick<Server, 'emit'> | undefined;
  const { port } = await startServer((req, res) => server?.emit('request', req, res));
  const origin = `http://inventory.localhost:${port}`;
  server = createServerOf(createInventory(origin, provider.issuer));
  const order: RequestInit = {
    method: 'POST',
    body: '{"item":1}',
    headers: { 'content-type': 'application/json' },
  };
  return { agent, origin, port, order };
}

const jkt = expect.stringMatching(/^[\w-]{43}$/);

describe('the README', () => {
  it('shows the code that is tested here', async () => {
    const readme = await readFile(here('../../README.md'), 'utf8');
    const blocks = [...readme.matchAll(/```ts\n\/\/ (\S+)\n\n?([^`]*(?:`[^`]+`[^`]*)*?)```/g)];
    const files = [
      'resource.ts',
      'hono.ts',
      'express.ts',
      'node-http.ts',
      'fetch-handler.ts',
      'challenging-resource.ts',
      'agent.ts',
      'agent-for-work.ts',
    ];
    expect(blocks.map(([, file]) => file)).toEqual(files);
    expect(blocks).toHaveLength([...readme.matchAll(/```ts/g)].length);
    for (const [, file = '', code] of blocks) expect(code).toBe(await readFile(here(`./${file}`), 'utf8'));
  });

  it('protects a Hono app', async () => {
    const { agent, origin, port, order } = await setUp((inventory) =>
      createAdaptorServer({ fetch: createApp(inventory).fetch }),
    );
    const ordered = await agent.agentFetch(`${origin}/orders?dry=1`, order);
    expect(ordered.status).toBe(200);
    expect(await ordered.json()).toEqual({ orderedBy: jkt, order: { item: 1 } });
    expect((await agent.agentFetch(`${origin}/orders/1`, { method: 'DELETE' })).status).toBe(403);
    const unsigned = await fetch(`http://127.0.0.1:${port}/orders`, order);
    expect(unsigned.status).toBe(401);
    expect(unsigned.headers.get('aauth-requirement')).toBe('requirement=agent-token');
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('public');
  });

  it('protects an Express app', async () => {
    const { agent, origin, port, order } = await setUp((inventory) => createServer(createExpressApp(inventory)));
    const ordered = await agent.agentFetch(`${origin}/orders?dry=1`, order);
    expect([ordered.status, await ordered.json()]).toEqual([200, { orderedBy: jkt, order: { item: 1 } }]);
    const unsigned = await fetch(`http://127.0.0.1:${port}/orders`, order);
    expect(unsigned.status).toBe(401);
    expect(unsigned.headers.get('aauth-requirement')).toBe('requirement=agent-token');
    expect(unsigned.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('public');
    const broken = await agent.agentFetch(`${origin}/orders`, { ...order, body: '{' });
    expect([broken.status, await broken.json()]).toMatchObject([400, { error: 'invalid_request' }]);
  });

  it('protects a plain node:http server', async () => {
    const { agent, origin, port, order } = await setUp(createInventoryServer);
    const answer = await agent.agentFetch(`${origin}/orders?dry=1`, order);
    expect(await answer.text()).toMatch(/^[\w-]{43} sent 10 bytes$/);
    expect((await fetch(`http://127.0.0.1:${port}/orders`, order)).status).toBe(401);
  });

  it('protects a Fetch handler', async () => {
    const { agent, origin, port, order } = await setUp((inventory) =>
      createAdaptorServer({ fetch: createHandler(inventory) }),
    );
    const answer = await agent.agentFetch(`${origin}/orders?dry=1`, order);
    expect(await answer.json()).toEqual({ orderedBy: jkt, order: { item: 1 } });
    expect((await fetch(`http://127.0.0.1:${port}/orders`, order)).status).toBe(401);
  });

  it('leads an agent to a person and to what they grant', async () => {
    const world = createAccessWorld(Math.floor(systemClock()));
    const personServer = await startPersonServer(world);
    const agent = await createTestAgent(world, { personServer: personServer.issuer });
    let app: ReturnType<typeof createShop> | undefined;
    const adaptor = createAdaptorServer({
      fetch: (request) => app?.fetch(request) ?? new Response(null, { status: 503 }),
    });
    const { port } = await startServer((req, res) => adaptor.emit('request', req, res));
    const origin = `http://shop.localhost:${port}`;
    app = createShop(origin, personServer.issuer, await createKey('shop-1'));

    const common = { fetch: world.http, now: world.clock.now };
    const agentFetch = createAgentFetch({
      ...common,
      credentials: agent.credentials,
      personServer: personServer.issuer,
      discovery: world.discovery(),
      identifiers,
      keys: nodeKeys,
      sleep: world.sleep,
    });
    const stock = await agentFetch(`${origin}/stock`);
    const subject = expect.stringContaining('shop-localhost');
    expect(stock.status).toBe(200);
    expect(await stock.json()).toEqual({ for: { personServer: personServer.issuer, subject }, scope: ['stock:read'] });
    const ordered = await agentFetch(`${origin}/orders`, {
      method: 'POST',
      body: '{"item":1}',
      headers: { 'content-type': 'application/json' },
    });
    expect([ordered.status, await ordered.json()]).toEqual([200, { item: 1 }]);

    // A new agent token makes the agent start over; now the person is asked, and asks back.
    await agent.rotate();
    const url = `${personServer.issuer}/consent`;
    personServer.pending = { requirement: { requirement: 'interaction', parameters: { url, code: 'A1B2-C3D4' } } };
    let polls = 0;
    personServer.instead = ({ method, target }) => {
      if (target === '/auth-token') personServer.decision = 'pending';
      if (method !== 'GET' || !target.startsWith('/pending/')) return undefined;
      polls += 1;
      if (polls === 1) personServer.questions.push('Is reading not enough?');
      else personServer.decision = 'grant';
      return undefined;
    };
    const shown: (string | undefined)[] = [];
    const again = await fetchForWork(agentFetch, 'To count.', (link) => shown.push(link))(`${origin}/stock`);
    expect(await again.json()).toMatchObject({ scope: ['stock:read'] });
    expect(shown).toEqual([`${url}?code=A1B2-C3D4`, undefined, undefined]);
    expect(personServer.replies).toMatchObject([
      { body: { action: 'updated_request', justification: 'Reading is enough.' } },
    ]);

    const { issuer, key } = personServer;
    const serverFetch = createServerFetch({ ...common, identifier: issuer, dwk: 'aauth-person.json', key });
    const body = JSON.stringify({ jti: 'unknown', exp: world.clock.now() + 60 });
    const headers = { 'content-type': 'application/json' };
    expect((await serverFetch(`${origin}/revoke`, { method: 'POST', body, headers })).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/stock`)).headers.get('aauth-requirement')).toBe(
      'requirement=person-token',
    );
  });
});
