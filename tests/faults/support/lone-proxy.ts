import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseServerIdentifier, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { createProbe, type Probe } from './connect-probe.ts';
import { createServiceProcess, type ServiceProcess } from './service-process.ts';

/** A proxy without a stack: before it and behind it is nothing but what a test says. */
export interface LoneProxy {
  process: ServiceProcess;
  probe: Probe;
  /** Of its gateway. */
  port: number;
  /** What requests are signed for. */
  authority: string;
  /** The agent provider that it trusts. */
  issuer: ServerIdentifier;
  /** Answers what the proxy asks the agent provider. */
  provider: { answer: RequestListener };
  /** Answers what the proxy passes on. */
  service: { answer: RequestListener; server: Server };
  stop(): Promise<void>;
}

const host = 'shop.localhost';

/** The key set, as an agent provider serves it that works. */
export function publishing(issuer: ServerIdentifier, keys: () => readonly unknown[]): RequestListener {
  return (request, response) => {
    const isMetadata = request.url === '/.well-known/aauth-agent.json';
    const document = isMetadata ? { issuer, jwks_uri: `${issuer}/jwks.json` } : { keys: keys() };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  };
}

export async function startLoneProxy(environment: Readonly<Record<string, string>> = {}): Promise<LoneProxy> {
  const directory = mkdtempSync(join(tmpdir(), 'aauth-proxy-'));
  const provider: LoneProxy['provider'] = { answer: (_, response) => response.writeHead(503).end() };
  const service: { answer: RequestListener } = { answer: (_, response) => response.end('{}') };
  const providerServer = createServer((...exchange) => provider.answer(...exchange));
  const serviceServer = createServer((...exchange) => service.answer(...exchange));
  const providerPort = await listen(providerServer);
  const servicePort = await listen(serviceServer);
  const [port, api, extAuthz] = [await freePort(), await freePort(), await freePort()];
  const issuer = parseServerIdentifier(`http://agent-provider.localhost:${providerPort}`, { allowLoopback: true });
  const authority = `${host}:${port}`;
  const write = (name: string, text: string) => {
    const file = join(directory, name);
    writeFileSync(file, text);
    return file;
  };
  const probe = createProbe();
  const process = createServiceProcess(
    {
      name: 'resource-proxy',
      address: `http://${authority}`,
      ports: [port, api, extAuthz],
      health: `http://127.0.0.1:${api}`,
      environment: {
        LOG_LEVEL: 'warn',
        AAUTH_PROXY_SECRET: 'a-secret-of-the-tests-0123456789-abcdef',
        AGENT_PROVIDER_URL: issuer,
        GATEWAY_CONFIG: write(
          'gateway.yaml',
          `binds:
  - port: ${port}
    listeners:
      - hostname: ${host}
        routes:
          - name: shop
            matches: [{ path: { pathPrefix: / } }]
            policies: { extAuthz: { host: 'localhost:1', protocol: { grpc: { context: { aauth_resource_id: shop } } } } }
            backends: [{ host: '127.0.0.1:${servicePort}' }]
`,
        ),
        AAUTH_CONFIG: write(
          'resources.yaml',
          `listen: { grpc: '127.0.0.1:${extAuthz}', http: '127.0.0.1:${api}' }
resources:
  - id: shop
    issuer: http://${authority}
    hosts: [${host}, '${authority}']
    authority_override: ${authority}
    allowed_signature_key_schemes: [jwt]
    allowed_jwt_types: [aa-agent+jwt]
    agent_servers: [{ issuer: '${issuer}' }]
`,
        ),
        ...probe.environment,
        ...environment,
      },
    },
    join(directory, 'proxy.log'),
  );
  await process.start();
  return {
    process,
    probe,
    port,
    authority,
    issuer,
    provider,
    service: Object.assign(service, { server: serviceServer }),
    async stop() {
      await process.kill();
      for (const server of [providerServer, serviceServer]) {
        server.close();
        server.closeAllConnections();
      }
      probe.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (!address || typeof address !== 'object') throw new Error('There is no port.');
  return address.port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  return port;
}
