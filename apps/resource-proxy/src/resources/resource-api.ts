import { RequestError } from '@aauth-stack/aauth/errors';
import { problemHandler } from '@aauth-stack/aauth/hono';
import type { IdentifierPolicy } from '@aauth-stack/aauth/identifiers';
import { problemResponse } from '@aauth-stack/aauth/problem';
import { type HealthCheck, healthRoutes, requestLogger } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import { Hono } from 'hono';
import type { ResourceConfig } from '../configuration/resource-config.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { type IdentifiedResource, isIdentified, metadataOf, paths } from './metadata.ts';
import type { PublishedKey } from './resource-key.ts';

/** A resource with what it answers itself. */
interface PublishedResource<Config extends ResourceConfig = ResourceConfig> {
  readonly config: Config;
  readonly keys: readonly PublishedKey[];
  /** Handlers of the endpoints. */
  readonly authorize: (request: Request) => Promise<Response>;
  readonly revoke: (request: Request) => Promise<Response>;
}

export interface ResourceApiOptions {
  readonly resources: readonly PublishedResource[];
  readonly identifiers: IdentifierPolicy;
  /** What the health of this process depends on, by name. */
  readonly checks?: Readonly<Record<string, HealthCheck>>;
  /** Throws while requests cannot be served. */
  readonly ready: () => void;
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
  readonly log: Logger;
}

const cacheControl = 'public, max-age=300';

/** The HTTP side of the resources: what each publishes and answers under its own host, and the health of this process. */
export function createResourceApi({ resources, identifiers, checks, ready, metrics, log }: ResourceApiOptions): Hono {
  const app = new Hono();
  app.onError(problemHandler({ log }));
  app.notFound(() => problemResponse(notFound('There is nothing at this path.')));
  app.use(requestLogger(log));
  const health = healthRoutes({ healthz: checks, readyz: { ports: ready } });
  app.route('/', health);
  // The name that the known demo documents.
  app.get('/health', () => health.request('/readyz'));
  app.get('/metrics', async (c) => c.body(await metrics.text(), 200, { 'content-type': metrics.contentType }));
  app.get(paths.metadata, (c) => {
    const { config } = resourceOf(c.req.header('host'));
    const hasKeys = keysOf(config).length > 0;
    return c.json(metadataOf(config, { hasKeys, identifiers }), 200, { 'cache-control': cacheControl });
  });
  app.get(paths.keys, (c) => {
    const { config } = resourceOf(c.req.header('host'));
    return c.json({ keys: keysOf(config) }, 200, { 'cache-control': cacheControl });
  });
  app.post(paths.authorization, (c) => {
    const { config, authorize } = resourceOf(c.req.header('host'));
    if (!config.asksForAuthTokens) throw notFound('This resource issues no resource tokens.');
    return authorize(c.req.raw);
  });
  app.post(paths.revocation, (c) => resourceOf(c.req.header('host')).revoke(c.req.raw));
  return app;

  function resourceOf(host: string | undefined): PublishedResource<IdentifiedResource> {
    const name = host?.toLowerCase() ?? '';
    for (const resource of resources) {
      const { config } = resource;
      if (isIdentified(config) && servesHost(config, name)) return { ...resource, config };
    }
    throw notFound('No resource is published under this host.');
  }

  // Resources that share an issuer sign for one another's readers.
  function keysOf({ identifier }: IdentifiedResource): readonly PublishedKey[] {
    const published = resources.flatMap(({ config, keys }) => (config.identifier === identifier ? keys : []));
    // And may share a key, which then stands in several files.
    return [...new Map(published.map((key) => [`${key.kid} ${key.x}`, key])).values()];
  }
}

function servesHost({ identifier, hosts }: IdentifiedResource, host: string): boolean {
  return hosts.includes(host) || URL.parse(identifier)?.host === host;
}

function notFound(detail: string): RequestError {
  return new RequestError('not_found', detail, { status: 404 });
}
