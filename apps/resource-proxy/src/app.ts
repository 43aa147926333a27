import type { RequestListener } from 'node:http';
import { type Clock, systemClock } from '@aauth-stack/aauth/clock';
import { createDiscovery } from '@aauth-stack/aauth/discovery';
import { createEgressFetch, nodeKeys } from '@aauth-stack/aauth/node';
import type { ReplayCache } from '@aauth-stack/aauth/signatures';
import type { HealthCheck } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import type { Hono } from 'hono';
import type { Config } from './config.ts';
import { createGateway } from './gateway/gateway.ts';
import { createUpstreams } from './gateway/upstream.ts';
import { createProtectedResource } from './resources/protected-resource.ts';
import { loadPublishedKey } from './resources/published-key.ts';
import { createResourceApi } from './resources/resource-api.ts';
import { createRouteTable } from './routing/route-table.ts';

export interface ResourceProxy {
  /** What to listen with on each gateway port. */
  readonly gateways: readonly { readonly port: number; readonly listener: RequestListener }[];
  readonly resourceApi: Hono;
  /** Called when every port listens: from then on the health endpoints say that the proxy is ready. */
  markReady(): void;
  close(): Promise<void>;
}

export interface ResourceProxyDependencies {
  readonly log: Logger;
  readonly now?: Clock;
  /** Where repeated requests are recognised. */
  readonly replay: ReplayCache;
  /** What else health depends on, by name. */
  readonly checks?: Readonly<Record<string, HealthCheck>>;
}

const connectTimeout = 5;

/** Builds the proxy of a configuration; listens nowhere yet. */
export async function createResourceProxy(
  config: Config,
  { log, now = systemClock, replay, checks }: ResourceProxyDependencies,
): Promise<ResourceProxy> {
  const { identifiers, localhostDns, proxySecret, upstreamTimeout } = config;
  const { allowLoopback } = identifiers;
  const fetch = createEgressFetch({ allowLoopback, localhostDns });
  const tools = {
    discovery: createDiscovery({ fetch, keys: nodeKeys, now, identifiers }),
    keys: nodeKeys,
    now,
    identifiers,
    replay,
  };
  const resources = new Map(
    config.resources.resources.map((resource) => [resource.id, createProtectedResource(resource, tools)]),
  );
  const published = await Promise.all(
    config.resources.resources.map(async (resource) => ({ config: resource, key: await loadPublishedKey(resource) })),
  );
  for (const { config: resource, key } of published) {
    if (resource.signingKey && !key) {
      log.warn(`resource ${resource.id}: ${resource.signingKey.file} does not exist; no key is published for it`);
    }
  }
  const upstreams = createUpstreams({ connectTimeout, localhostDns });
  const gateway = { resources, upstreams, proxySecret, upstreamTimeout, log };
  let isReady = false;
  return {
    gateways: config.gateway.binds.map(({ port, listeners }) => ({
      port,
      listener: createGateway({ ...gateway, routes: createRouteTable(listeners) }),
    })),
    resourceApi: createResourceApi({
      resources: published,
      checks,
      log,
      ready() {
        if (!isReady) throw new Error('the gateway does not listen yet');
      },
    }),
    markReady() {
      isReady = true;
    },
    close: () => upstreams.close(),
  };
}
