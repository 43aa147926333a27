import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Child, startChild } from './child.ts';
import { freePort } from './servers.ts';

const main = fileURLToPath(new URL('../../../apps/resource-proxy/src/main.ts', import.meta.url));
const register = new URL('../../../packages/telemetry/src/register.ts', import.meta.url).href;

export interface RunningProxy {
  readonly port: number;
  /** Of ext_authz. */
  readonly grpcPort: number;
  readonly child: Child;
  stop(): Promise<void>;
}

export interface ProxyOptions {
  /** With traces, which nobody receives, and with a line for each request and each decision in the log. */
  readonly asShipped?: boolean;
  readonly workers?: number;
  readonly databaseUrl?: string;
}

/** The proxy with one service behind two hosts: `signed.localhost`, where agents have to sign, and `open.localhost`, where AAuth is off. */
export async function startResourceProxy(
  servicePort: number,
  issuer: string,
  { asShipped = false, workers = 1, databaseUrl = '' }: ProxyOptions = {},
): Promise<RunningProxy> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-proxy-'));
  const [port, apiPort, grpcPort] = [await freePort(), await freePort(), await freePort()];
  const write = (name: string, text: string) => {
    const file = join(directory, name);
    writeFileSync(file, text);
    return file;
  };
  const backends = `[{ host: '127.0.0.1:${servicePort}' }]`;
  const verified =
    '{ extAuthz: { host: localhost:1, protocol: { grpc: { context: { aauth_resource_id: signed } } } } }';
  const telemetry = asShipped ? ['--import', register] : [];
  const child = startChild([...telemetry, main], {
    LOG_LEVEL: asShipped ? 'info' : 'warn',
    AAUTH_PROXY_SECRET: 'a-secret-of-the-benchmark-0123456789abcdef',
    AGENT_PROVIDER_URL: issuer,
    WORKERS: String(workers),
    DATABASE_URL: databaseUrl,
    GATEWAY_CONFIG: write(
      'gateway.yaml',
      `binds:
  - port: ${port}
    listeners:
      - { hostname: open.localhost, routes: [{ name: open, matches: [{ path: { pathPrefix: / } }], backends: ${backends} }] }
      - { hostname: signed.localhost, routes: [{ name: signed, matches: [{ path: { pathPrefix: / } }], policies: ${verified}, backends: ${backends} }] }
`,
    ),
    AAUTH_CONFIG: write(
      'resources.yaml',
      `listen: { grpc: ':${grpcPort}', http: ':${apiPort}' }
resources:
  - id: signed
    issuer: http://signed.localhost:${port}
    hosts: [signed.localhost, 'signed.localhost:${port}']
    authority_override: signed.localhost:${port}
    allowed_signature_key_schemes: [jwt]
    allowed_jwt_types: [aa-agent+jwt]
    agent_servers: [{ issuer: '${issuer}' }]
`,
    ),
  });
  return {
    port,
    grpcPort,
    child,
    async stop() {
      await child.stop();
      rmSync(directory, { recursive: true });
    },
  };
}
