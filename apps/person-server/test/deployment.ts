import { parseServerIdentifier, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createAdmittedFetch, createEgressFetch, createHttpFetch, nodeKeys } from '@aauth-stack/aauth/node';
import { openDatabase } from '@aauth-stack/service/database';
import { type HttpServer, serve } from '@aauth-stack/service/http';
import { type CapturedLog, captureLog, createTestDatabase } from '@aauth-stack/service/testing';
import { loadConfig } from '../src/config.ts';
import { type Database, migrationsFolder } from '../src/db/database.ts';
import * as schema from '../src/db/schema.ts';
import { createPersonServer, type PersonServer } from '../src/person-server.ts';
import { builtPortalFolder } from '../src/portal/routes.ts';
import { type AgentProviderPeer, startAgentProviderPeer } from './agent-provider-peer.ts';
import { createTestClock, type TestClock } from './clock.ts';

export const portalToken = 'mytoken';

/** A Person Server with its Agent Provider, on real sockets. Behind one address there may be several replicas. */
export interface Deployment {
  origin: ServerIdentifier;
  port: number;
  /** The servers' database, to look into. */
  db: Database;
  peer: AgentProviderPeer;
  clock: TestClock;
  log: CapturedLog;
  /** What was shown to whoever started the server. */
  announced: string[];
  /** Which replica answers from now on. */
  useReplica(index: number): void;
  /** Ends every replica and starts as many anew, on the same database. */
  restart(environment?: Record<string, string>): Promise<void>;
  /** Reaches whatever is on this machine, the deployment above all. */
  fetch: typeof fetch;
  /** Each replica, the first one first. */
  replicas(): readonly PersonServer[];
  /** Sends a request as it is; redirects are not followed. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Sends a request with the portal token. */
  asPerson(path: string, init?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

export interface DeploymentOptions {
  replicas?: number;
  environment?: Record<string, string>;
  /** Folder of the built portal. */
  portal?: string;
}

type Fetch = Parameters<typeof serve>[0]['fetch'];

export async function startDeployment({
  replicas = 1,
  environment = {},
  portal = builtPortalFolder,
}: DeploymentOptions = {}): Promise<Deployment> {
  const clock = createTestClock();
  const log = captureLog();
  const peer = await startAgentProviderPeer(clock);
  const database = await createTestDatabase({ migrationsFolder });
  const httpFetch = createHttpFetch();
  const admittedFetch = createAdmittedFetch({ allowLoopback: true });
  const announced: string[] = [];
  let running: PersonServer[] = [];
  let active = 0;

  const answer: Fetch = (request, env) => {
    const replica = running[active];
    if (!replica) return new Response('no replica', { status: 502 });
    return replica.fetch(request, env);
  };
  const server: HttpServer = await serve({ fetch: answer, hostname: '127.0.0.1', port: 0, log: log.log });
  const origin = parseServerIdentifier(`http://person-server.localhost:${server.port}`, { allowLoopback: true });
  peer.personServer = origin;

  const startReplica = async (settings: Record<string, string>): Promise<PersonServer> => {
    const config = loadConfig(
      {
        DATABASE_URL: database.url,
        PERSON_SERVER_URL: origin,
        AGENT_PROVIDER_URL: peer.issuer,
        AAUTH_PORTAL_TOKEN: portalToken,
        ...settings,
      },
      (warning) => log.log.warn(warning),
    );
    return createPersonServer(config, {
      now: clock.now,
      sleep: clock.sleep,
      keys: nodeKeys,
      fetch: httpFetch,
      admittedFetch,
      egress: createEgressFetch({ allowLoopback: true }),
      log: log.log,
      portal,
      announce: (line) => announced.push(line),
    });
  };
  const startReplicas = async (settings: Record<string, string>) => {
    running = await Promise.all(Array.from({ length: replicas }, () => startReplica(settings)));
    for (const replica of running) replica.start();
  };
  const stopReplicas = async () => {
    await Promise.all(running.map((replica) => replica.close()));
    running = [];
  };
  await startReplicas(environment);
  const opened = await openDatabase({
    url: database.url,
    schema,
    migrationsFolder,
    applicationName: 'test',
    log: log.log,
  });

  const request = (path: string, init: RequestInit = {}) =>
    httpFetch(`${origin}${path}`, { redirect: 'manual', ...init });
  return {
    origin,
    port: server.port,
    db: opened.db,
    peer,
    clock,
    log,
    announced,
    useReplica: (index) => {
      active = index;
    },
    restart: async (settings = environment) => {
      await stopReplicas();
      await startReplicas(settings);
    },
    fetch: httpFetch,
    replicas: () => running,
    request,
    asPerson: (path, init = {}) =>
      request(path, { ...init, headers: { ...headersOf(init), authorization: `Bearer ${portalToken}` } }),
    stop: async () => {
      for (const replica of running) replica.drain();
      await server.close();
      await stopReplicas();
      await peer.stop();
      await httpFetch.close();
      await admittedFetch.close();
      await opened.close();
      await database.drop();
    },
  };
}

function headersOf(init: RequestInit): Record<string, string> {
  return Object.fromEntries(new Headers(init.headers));
}
