import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseServerIdentifier, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createHttpFetch } from '@aauth-stack/aauth/node';
import { type HttpServer, serve } from '@aauth-stack/service/http';
import { captureLog } from '@aauth-stack/service/testing';
import { loadConfig } from '../src/config.ts';
import { createSupplyChainAgent } from '../src/supply-chain-agent.ts';
import { proxySecret } from './forwarded.ts';
import { sixMonths } from './market-analysis.ts';
import { startMarketAnalysisAgent } from './market-analysis-agent.ts';
import { callerKey } from './person-caller.ts';
import { startPersonServer } from './person-server.ts';
import { identifiers, startAgentProvider, startProxy } from './surroundings.ts';

/** A supply-chain agent, or another instance of it, on a port of its own. */
export interface Replica {
  identifier: ServerIdentifier;
  url: string;
}

interface ReplicaOptions {
  /** That of the instance that there is already. */
  identifier?: ServerIdentifier;
  MARKET_ANALYSIS_TIMEOUT?: string;
}

const scope = ['supply-chain:check', 'supply-chain:read'];

/** The supply-chain agent, as its configuration makes it, with all that surrounds it; the market-analysis agent wants an auth token. */
export async function startChain() {
  const cleanups: (() => unknown)[] = [];
  const captured = captureLog();
  const keep = <T extends { close(): unknown }>(started: T): T => {
    cleanups.push(() => started.close());
    return started;
  };
  const directory = await mkdtemp(join(tmpdir(), 'supply-chain-agent-'));
  cleanups.push(() => rm(directory, { recursive: true }));
  const agentProvider = keep(await startAgentProvider());
  const personServer = keep(await startPersonServer(agentProvider.issuer));
  const marketAnalysisAgent = keep(
    await startMarketAnalysisAgent(async () => ({ text: '# Market Analysis Report', data: sixMonths() })),
  );
  const proxy = keep(await startProxy({ target: marketAnalysisAgent.url, personServer: personServer.issuer }));

  async function startAgent({ identifier, ...environment }: ReplicaOptions = {}): Promise<Replica> {
    let handle: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 503 });
    const server: HttpServer = await serve({
      fetch: (request) => handle(request),
      hostname: '127.0.0.1',
      port: 0,
      log: captured.log,
      drainMs: 100,
    });
    const own = identifier ?? parseServerIdentifier(server.url, identifiers);
    const config = loadConfig(
      {
        AAUTH_PROXY_SECRET: proxySecret,
        SUPPLY_CHAIN_AGENT_URL: own,
        MARKET_ANALYSIS_AGENT_URL: proxy.url,
        AGENT_PROVIDER_URL: agentProvider.issuer,
        PERSON_SERVER_URL: personServer.issuer,
        STABLE_KEY_FILE: join(directory, 'stable.pem'),
        PROVIDER_KEY_FILE: join(directory, 'provider.pem'),
        ...environment,
      },
      () => {},
    );
    const fetch = createHttpFetch();
    const { app, session, close } = await createSupplyChainAgent(config, { fetch, log: captured.log });
    handle = app.fetch;
    session.start();
    await session.ready;
    keep({
      async close() {
        await close();
        await server.close();
        await fetch.close();
      },
    });
    return { identifier: own, url: server.url };
  }

  const agent = await startAgent();
  return {
    captured,
    agentProvider,
    personServer,
    proxy,
    agent,
    startAgent,
    /** A token that an agent of that person would present to `resource`, by default to the supply-chain agent. */
    grantFor: (person: string, resource = agent.identifier) =>
      personServer.authToken(person, resource, callerKey.publicJwk, scope),
    personTokenFor: (person: string) => personServer.personToken(person, agent.identifier, callerKey.publicJwk),
    async close() {
      for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    },
  };
}
