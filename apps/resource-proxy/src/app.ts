import type { RequestListener } from 'node:http';
import { type Clock, systemClock } from '@aauth-stack/aauth/clock';
import { createDiscovery } from '@aauth-stack/aauth/discovery';
import { createEgressFetch, createHttpFetch, nodeKeys } from '@aauth-stack/aauth/node';
import type { RevocationStore } from '@aauth-stack/aauth/resource';
import type { ReplayCache } from '@aauth-stack/aauth/signatures';
import type { HealthCheck } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import type { Hono } from 'hono';
import type { Config } from './config.ts';
import { createCheckHandler } from './ext-authz/check-handler.ts';
import type { CheckRequest } from './ext-authz/wire/check-request.ts';
import type { CheckResponse } from './ext-authz/wire/check-response.ts';
import { createGateway } from './gateway/gateway.ts';
import { createUpstreams } from './gateway/upstream.ts';
import { createMcpGateway } from './mcp/mcp-gateway.ts';
import { countKeyFetches } from './metrics/counted-fetch.ts';
import type { Metrics } from './metrics/metrics.ts';
import { createAuthorizationEndpoint } from './resources/authorization-endpoint.ts';
import { createProtectedResource } from './resources/protected-resource.ts';
import { createResourceApi } from './resources/resource-api.ts';
import { loadResourceKeys } from './resources/resource-key.ts';
import { createResourceRevocations } from './revocations/revocation-endpoint.ts';
import { createRouteTable } from './routing/route-table.ts';

export interface ResourceProxy {
  /** What to listen with on each gateway port; none where the gateway is off. */
  readonly gateways: readonly { readonly port: number; readonly listener: RequestListener }[];
  readonly resourceApi: Hono;
  /** Decides about a request at another gateway. */
  readonly check: (request: CheckRequest) => Promise<CheckResponse>;
  /** What the health of this process depends on, by name. */
  readonly checks: Readonly<Record<string, HealthCheck>> | undefined;
  /** Called when every port listens: from then on the health endpoints say that the proxy is ready. */
  markReady(): void;
  close(): Promise<void>;
}

export interface ResourceProxyDependencies {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly now?: Clock;
  /** Where repeated requests are recognised. */
  readonly replay: ReplayCache;
  readonly revocations: RevocationStore;
  /** What else health depends on, by name. */
  readonly checks?: Readonly<Record<string, HealthCheck>>;
}

const connectTimeout = 5;

/** Builds the proxy of a configuration; listens nowhere yet. */
export async function createResourceProxy(
  config: Config,
  { log, metrics, now = systemClock, replay, revocations, checks }: ResourceProxyDependencies,
): Promise<ResourceProxy> {
  const { identifiers, localhostDns, proxySecret, upstreamTimeout } = config;
  const { allowLoopback } = identifiers;
  const fetch = countKeyFetches(createEgressFetch({ allowLoopback, localhostDns }), metrics);
  const tools = {
    discovery: createDiscovery({ fetch, keys: nodeKeys, now, identifiers }),
    keys: nodeKeys,
    now,
    identifiers,
    replay,
    revocations,
  };
  const decisions = { log, metrics };
  const keys = await loadResourceKeys(config.resources.resources);
  const resources = config.resources.resources.map((settings) => {
    const key = keys.get(settings.id);
    const resource = createProtectedResource(settings, key?.signing, tools);
    const authorize = createAuthorizationEndpoint(resource, decisions);
    const revoke = createResourceRevocations(settings, tools, log);
    return { resource, published: { config: settings, keys: key?.published ?? [], authorize, revoke } };
  });
  for (const { published } of resources) {
    const { id, signingKey } = published.config;
    if (signingKey && published.keys.length === 0) {
      log.warn(`resource ${id}: ${signingKey.file} does not exist; no key is published for it`);
    }
  }
  const upstreams = createUpstreams({ connectTimeout, localhostDns });
  const targetFetch = createHttpFetch({ localhostDns, connectTimeout });
  const mcp = createMcpGateway({
    backends: (config.gateway?.binds ?? [])
      .flatMap(({ listeners }) => listeners.flatMap(({ routes }) => routes))
      .flatMap((route) => route.mcp ?? []),
    fetch: targetFetch,
    secret: config.gateway?.proxySecret ?? '',
    log,
  });
  const byId = new Map(resources.map(({ resource }) => [resource.id, resource]));
  const gateways = ({ binds, proxySecret }: NonNullable<Config['gateway']>): ResourceProxy['gateways'] =>
    binds.map(({ port, listeners }) => {
      const routes = createRouteTable(listeners);
      return {
        port,
        listener: createGateway({
          ...decisions,
          resources: byId,
          routes,
          upstreams,
          mcp,
          proxySecret,
          upstreamTimeout,
        }),
      };
    });
  let isReady = false;
  return {
    gateways: config.gateway ? gateways(config.gateway) : [],
    check: createCheckHandler({ ...decisions, resources: byId, proxySecret }),
    checks,
    resourceApi: createResourceApi({
      resources: resources.map(({ published }) => published),
      identifiers,
      checks,
      metrics,
      log,
      ready() {
        if (!isReady) throw new Error('not every port is listened on yet');
      },
    }),
    markReady() {
      isReady = true;
    },
    async close() {
      await mcp.close();
      await Promise.all([upstreams.close(), targetFetch.close()]);
    },
  };
}
