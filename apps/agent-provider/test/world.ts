import { parseServerIdentifier, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createAdmittedFetch, createEgressFetch, createHttpFetch, nodeKeys } from '@aauth-stack/aauth/node';
import { type HttpServer, serve } from '@aauth-stack/service/http';
import { type CapturedLog, captureLog, createTestDatabase } from '@aauth-stack/service/testing';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { z } from 'zod';
import { type AgentProvider, createAgentProvider } from '../src/agent-provider.ts';
import type { Config } from '../src/config.ts';
import { migrationsFolder } from '../src/db/migrations.ts';
import { newAgent, type RequestToSign, signRequest, type TestAgent, type WireRequest } from './agent.ts';
import { createTestClock, type TestClock } from './clock.ts';
import { startPersonServer, type TestPersonServer } from './person-server.ts';
import { startResource, type TestResource } from './recipient.ts';

const identifiers = { allowLoopback: true };
export const operatorToken = 'an-operator-token-for-tests';

/** One process of the Agent Provider: a socket, and the application behind it. */
export interface Replica {
  server: HttpServer;
  provider(): AgentProvider;
  /** Ends the application and starts another on the same database, as a restart of the process does. */
  restart(): Promise<void>;
  /** `fetch` to this replica, whatever host the URL names: what a load balancer does. */
  fetch: typeof fetch;
  close(): Promise<void>;
}

/** An Agent Provider on a database of its own, the Person Server it works for, and a clock. */
export interface World {
  clock: TestClock;
  issuer: ServerIdentifier;
  databaseUrl: string;
  replica: Replica;
  personServer: TestPersonServer;
  /** Told of revocations, as the Person Server is. */
  resources: TestResource[];
  /** Reaches every server by its identifier. */
  httpFetch: typeof fetch;
  log: CapturedLog;
  config: Config;
  addReplica(): Promise<Replica>;
  sign(agent: TestAgent, request: RequestToSign): Promise<WireRequest>;
  send(request: WireRequest, replica?: Replica): Promise<Response>;
  close(): Promise<void>;
}

interface WorldOptions extends Partial<Config> {
  /** How many resources are told of revocations. Default none. */
  resources?: number;
  /** Another way to the database, given its URL. */
  reachDatabase?: (url: string) => Promise<string>;
}

/** A world for one test. */
export async function createWorld(overrides: WorldOptions = {}): Promise<World> {
  const world = await openWorld(overrides);
  onTestFinished(() => world.close());
  return world;
}

/** A world for the tests of a file, each of which brings its own agents. Time only moves forward in it. */
export function shareWorld(overrides: WorldOptions = {}): () => World {
  let world: World | undefined;
  beforeAll(async () => {
    world = await openWorld(overrides);
  });
  afterAll(() => world?.close());
  return () => {
    if (!world) throw new Error('the world exists only while tests run');
    return world;
  };
}

async function openWorld({
  resources: resourceCount = 0,
  reachDatabase = async (url) => url,
  ...overrides
}: WorldOptions): Promise<World> {
  const closing: (() => Promise<void>)[] = [];
  const clock = createTestClock();
  const log = captureLog();
  const database = await createTestDatabase({ migrationsFolder });
  closing.push(() => database.drop());
  const httpFetch = createHttpFetch();
  closing.push(() => httpFetch.close());
  const admittedFetch = createAdmittedFetch(identifiers);
  closing.push(() => admittedFetch.close());

  const listening = await listen(log);
  const issuer = parseServerIdentifier(`http://agent-provider.localhost:${listening.server.port}`, identifiers);
  const toProvider: typeof fetch = (input, init) => listening.fetch(input, init);
  const personServer = await startPersonServer({ provider: issuer, now: clock.now, log: log.log, send: toProvider });
  closing.push(() => personServer.close());
  const resources = await Promise.all(
    Array.from({ length: resourceCount }, () => startResource({ provider: issuer, now: clock.now, log: log.log })),
  );
  for (const resource of resources) closing.push(() => resource.stop());
  const config: Config = {
    host: '127.0.0.1',
    port: listening.server.port,
    logLevel: 'info',
    databaseUrl: await reachDatabase(database.url),
    issuer,
    personServer: personServer.identifier,
    name: 'Test Agent Provider',
    identifiers,
    localhostDns: false,
    agentTokenLifetime: 3600,
    enrolmentLifetime: 3600,
    enrolmentLimits: { maxPending: 100, maxPerMinute: 100 },
    revocationRecipients: resources.map(({ identifier }) => identifier),
    operatorToken,
    ...overrides,
  };
  const start = () =>
    createAgentProvider(config, {
      now: clock.now,
      sleep: clock.sleep,
      keys: nodeKeys,
      fetch: httpFetch,
      egress: createEgressFetch(identifiers),
      admittedFetch,
      log: log.log,
    });
  const addReplica = async (socket: Listening) => {
    const replica = await run(socket, start);
    closing.push(replica.close);
    return replica;
  };
  const world: World = {
    clock,
    issuer,
    databaseUrl: database.url,
    replica: await addReplica(listening),
    personServer,
    resources,
    httpFetch,
    log,
    config,
    addReplica: async () => addReplica(await listen(log)),
    sign: (agent, request) => signRequest(issuer, agent, clock.now, request),
    send: (request, replica = world.replica) =>
      replica.fetch(`${issuer}${request.path}`, {
        method: request.method,
        headers: request.headers,
        body: request.body,
      }),
    async close() {
      for (const close of closing.reverse()) await close();
    },
  };
  return world;
}

interface Listening {
  server: HttpServer;
  fetch: typeof fetch;
  behind: { provider?: AgentProvider };
}

async function listen({ log }: CapturedLog): Promise<Listening> {
  const behind: Listening['behind'] = {};
  const server = await serve({
    fetch: (request, env) => behind.provider?.fetch(request, env) ?? new Response(null, { status: 503 }),
    hostname: '127.0.0.1',
    port: 0,
    log,
    drainMs: 500,
  });
  const toThisServer: typeof fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    return fetch(new URL(`${url.pathname}${url.search}`, server.url), input instanceof Request ? input : init);
  };
  return { server, fetch: toThisServer, behind };
}

async function run({ server, fetch, behind }: Listening, start: () => Promise<AgentProvider>): Promise<Replica> {
  let provider = await start();
  behind.provider = provider;
  const replica: Replica = {
    server,
    provider: () => provider,
    fetch,
    async restart() {
      await provider.close();
      provider = await start();
      behind.provider = provider;
    },
    async close() {
      await provider.drain();
      await server.close();
      await provider.close();
    },
  };
  return replica;
}

/** Asks to be enrolled. */
export async function register(
  world: World,
  agent: TestAgent,
  body: object = { agent_name: 'Backend App' },
): Promise<Response> {
  return world.send(await world.sign(agent, { method: 'POST', path: '/register', body }));
}

export async function poll(world: World, agent: TestAgent, path: string, replica?: Replica): Promise<Response> {
  return world.send(await world.sign(agent, { method: 'GET', path }), replica);
}

export async function refresh(world: World, agent: TestAgent, replica?: Replica): Promise<Response> {
  return world.send(await world.sign(agent, { method: 'POST', path: '/refresh' }), replica);
}

/** The id of an enrolment, from the `Location` of a 202. */
export function enrolmentId(response: Response): string {
  const id = /^\/register\/pending\/([\w-]+)$/.exec(response.headers.get('location') ?? '')?.[1];
  if (id === undefined) throw new Error(`no Location in ${response.status}`);
  return id;
}

/** A request of the Person Server's person API. */
export function asPersonServer(world: World, method: string, path: string, body?: object): Promise<Response> {
  return world.personServer.signedFetch(`${world.issuer}/person/${path}`, {
    method,
    headers: body ? { 'content-type': 'application/json' } : {},
    body: body && JSON.stringify(body),
  });
}

/** The person's revocation of an agent. */
export function revoke(world: World, agentId: string): Promise<Response> {
  return asPersonServer(world, 'POST', `bindings/${encodeURIComponent(agentId)}/revoke`);
}

/** An agent that the person has approved, its identifier and its first token. */
export interface EnrolledAgent extends TestAgent {
  agentId: string;
  token: string;
}

export async function enrolledAgent(world: World, agentName = 'Backend App'): Promise<EnrolledAgent> {
  const agent = await newAgent();
  const id = enrolmentId(await register(world, agent, { agent_name: agentName }));
  const response = await asPersonServer(world, 'POST', `registrations/${id}/approve`, { person_id: 'person-1' });
  const { agent_id: agentId } = z.object({ agent_id: z.string() }).parse(await response.json());
  const collected = await poll(world, agent, `/register/pending/${id}`);
  if (collected.status !== 200) throw new Error(`enrolment ended with ${collected.status}`);
  const { agent_token: token } = z.object({ agent_token: z.string() }).parse(await collected.json());
  return { ...agent, agentId, token };
}
