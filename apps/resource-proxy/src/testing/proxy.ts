import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadOrCreateSigningKey } from '@aauth-stack/aauth/node';
import { captureLog } from '@aauth-stack/service/testing';
import { createResourceProxy } from '../app.ts';
import { type Config, loadConfig } from '../config.ts';
import { openStorage } from '../db/open-storage.ts';
import { listenProxy } from '../listen.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { startAgentProvider, type TestAgent, type TestAgentProvider } from './agent-provider.ts';
import { type SignedRequestOptions, signedRequest, type WireRequest } from './client.ts';
import { startPersonServer, type TestPersonServer } from './person-server.ts';
import { type Backend, freePort, startBackend } from './servers.ts';

export const proxySecret = 'a-secret-of-the-tests-0123456789abcdef';

const infra = new URL('../../../../infra/', import.meta.url);

const files = {
  mode1: { gateway: 'gateway/config.yaml', resources: 'gateway/aauth-config.yaml' },
  mode3: { gateway: 'gateway/config-policy.yaml', resources: 'gateway/aauth-config-mode3.yaml' },
  'user-consent': { gateway: 'gateway/config-policy.yaml', resources: 'gateway/aauth-config-user-consent.yaml' },
  // Without a gateway of its own.
  envoy: { gateway: undefined, resources: 'envoy/aauth-config.yaml' },
} as const;

export interface ProxyOptions {
  /** Which of the demo's configs; mode1 unless said otherwise. With the others the resources' keys are made. */
  readonly mode?: keyof typeof files;
  /** Changes the text of the demo's configs. */
  readonly gateway?: (text: string) => string;
  readonly resources?: (text: string) => string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Prepares the directory with the keys. */
  readonly keys?: (directory: string) => Promise<void>;
}

export interface TestProxy {
  /** Of the gateway. */
  readonly port: number;
  readonly apiPort: number;
  /** Of ext_authz. */
  readonly grpcPort: number;
  /** Of the supply-chain agent. */
  readonly authority: string;
  /** Identifiers of the resources. */
  readonly supplyChain: string;
  readonly marketAnalysis: string;
  readonly backend: Backend;
  readonly provider: TestAgentProvider;
  readonly agent: TestAgent;
  readonly personServer: TestPersonServer;
  /** Seconds; tests move it. */
  readonly clock: { now: number };
  lines(): Record<string, unknown>[];
  /** Lines of the decision log. */
  checks(): Record<string, unknown>[];
  /** A request of {@link agent} to the supply-chain agent that is accepted as it is. */
  signed(options?: Partial<SignedRequestOptions>): Promise<WireRequest>;
  /** Another instance with the same config, on other ports: a second replica, or the same one restarted. */
  replica(): Promise<{ readonly port: number; readonly grpcPort: number; close(): Promise<void> }>;
  close(): Promise<void>;
}

/** The proxy with the demo's own configs, one backend for both agents, and an agent provider, all on sockets. */
export async function startProxy(options: ProxyOptions = {}): Promise<TestProxy> {
  await using started = new AsyncDisposableStack();
  const clock = { now: 1_800_000_000 };
  const now = () => clock.now;
  const provider = await startAgentProvider('agent-provider', now);
  started.defer(provider.close);
  const personServer = await startPersonServer('person-server', now);
  started.defer(personServer.close);
  const directory = mkdtempSync(join(tmpdir(), 'resource-proxy-'));
  started.defer(() => rmSync(directory, { recursive: true }));
  const backend = await startBackend();
  for (const folder of ['gateway', 'envoy']) mkdirSync(join(directory, 'infra', folder), { recursive: true });
  mkdirSync(join(directory, '.data', 'keys'), { recursive: true });
  const copy = (name: string, change: (text: string) => string = (text) => text): string => {
    const file = join(directory, 'infra', name);
    writeFileSync(file, change(readFileSync(new URL(name, infra), 'utf8')));
    return file;
  };
  const { mode = 'mode1', keys = mode === 'mode1' ? undefined : makeResourceKeys } = options;
  const { gateway, resources } = files[mode];
  await keys?.(join(directory, '.data', 'keys'));
  if (mode === 'envoy') await loadOrCreateSigningKey(join(directory, '.data', 'keys', 'notes.pem'));
  started.defer(backend.close);
  const config = loadConfig({
    AAUTH_PROXY_SECRET: proxySecret,
    GATEWAY_CONFIG: gateway && copy(gateway, options.gateway),
    AAUTH_CONFIG: copy(resources, options.resources),
    GATEWAY_PORT: String(await freePort()),
    RESOURCE_API_PORT: String(await freePort()),
    EXT_AUTHZ_PORT: '0',
    // Named, so that nothing is looked for where the tests are run.
    AAUTH_KEY_DIR: join(directory, '.data', 'keys'),
    AGENT_PROVIDER_URL: provider.issuer,
    PERSON_SERVER_URL: personServer.issuer,
    SUPPLY_CHAIN_AGENT_HOST: '127.0.0.1',
    SUPPLY_CHAIN_AGENT_PORT: String(backend.port),
    MARKET_ANALYSIS_AGENT_HOST: '127.0.0.1',
    MARKET_ANALYSIS_AGENT_PORT: String(backend.port),
    ...options.environment,
  });
  const { log, lines } = captureLog();
  const listen = async (settings: Config) => {
    const storage = await openStorage(settings.databaseUrl, log, now);
    return listenProxy(
      await createResourceProxy(settings, { log, metrics: createMetrics(), now, ...storage }),
      settings,
      log,
      storage.close,
    );
  };
  const listening = await listen(config);
  started.defer(listening.close);
  // What the backend holds open would keep the proxy from draining.
  started.defer(backend.cut);
  const port = listening.gateways[0]?.port ?? 0;
  const authority = `supply-chain-agent.localhost:${port}`;
  const agent = await provider.agent();
  const running = started.move();
  return {
    port,
    apiPort: listening.resourceApi.port,
    grpcPort: listening.extAuthz.port,
    authority,
    supplyChain: `http://${authority}`,
    marketAnalysis: `http://market-analysis-agent.localhost:${port}`,
    backend,
    provider,
    agent,
    personServer,
    clock,
    lines,
    checks: () => lines().filter((line) => line.msg === 'check'),
    signed: (changes = {}) =>
      signedRequest({ authority, key: agent.key, token: agent.token, created: clock.now, ...changes }),
    async replica() {
      const { gateways, extAuthz, close } = await listen(onOtherPorts(config));
      return { port: gateways[0]?.port ?? 0, grpcPort: extAuthz.port, close };
    },
    close: () => running.disposeAsync(),
  };
}

export async function makeResourceKeys(directory: string): Promise<void> {
  for (const file of ['spa-resource-key.pem', 'maa-resource-key.pem', 'inv-resource-key.pem']) {
    await loadOrCreateSigningKey(join(directory, file));
  }
}

function onOtherPorts(config: Config): Config {
  return {
    ...config,
    gateway: config.gateway && { ...config.gateway, binds: config.gateway.binds.map((bind) => ({ ...bind, port: 0 })) },
    resources: {
      ...config.resources,
      listen: { grpc: { host: undefined, port: 0 }, http: { host: undefined, port: 0 } },
    },
  };
}
