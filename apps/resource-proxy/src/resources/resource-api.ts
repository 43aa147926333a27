import { RequestError } from '@aauth-stack/aauth/errors';
import { problemHandler } from '@aauth-stack/aauth/hono';
import { problemResponse } from '@aauth-stack/aauth/problem';
import { type HealthCheck, healthRoutes, requestLogger } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import { Hono } from 'hono';
import type { ResourceConfig } from '../configuration/resources-file.ts';
import { type IdentifiedResource, isIdentified, resourceMetadata } from './metadata.ts';
import type { PublishedKey } from './published-key.ts';

interface PublishedResource {
  readonly config: ResourceConfig;
  readonly key: PublishedKey | undefined;
}

export interface ResourceApiOptions {
  readonly resources: readonly PublishedResource[];
  /** What the health of this process depends on, by name. */
  readonly checks?: Readonly<Record<string, HealthCheck>>;
  /** Throws while requests cannot be served. */
  readonly ready: () => void;
  readonly log: Logger;
}

const cacheControl = 'public, max-age=300';

/** The HTTP side of the resources: what each publishes under its own host, and the health of this process. */
export function createResourceApi({ resources, checks, ready, log }: ResourceApiOptions): Hono {
  const app = new Hono();
  app.onError(problemHandler({ log }));
  app.notFound(() => problemResponse(new RequestError('not_found', 'There is nothing at this path.', { status: 404 })));
  app.use(requestLogger(log));
  const health = healthRoutes({ healthz: checks, readyz: { gateway: ready } });
  app.route('/', health);
  // The name that the known demo documents.
  app.get('/health', () => health.request('/readyz'));
  app.get('/.well-known/aauth-resource.json', (c) => {
    return c.json(resourceMetadata(resourceOf(c.req.header('host'))), 200, { 'cache-control': cacheControl });
  });
  app.get('/.well-known/jwks.json', (c) => {
    const { identifier } = resourceOf(c.req.header('host'));
    // Resources that share an issuer sign for one another's readers.
    const keys = resources.flatMap(({ config, key }) => (key && config.identifier === identifier ? [key] : []));
    return c.json({ keys }, 200, { 'cache-control': cacheControl });
  });
  return app;

  function resourceOf(host: string | undefined): IdentifiedResource {
    const name = host?.toLowerCase() ?? '';
    const found = resources
      .map(({ config }) => config)
      .filter(isIdentified)
      .find((config) => servesHost(config, name));
    if (!found) {
      throw new RequestError('not_found', 'No resource is published under this host.', { status: 404 });
    }
    return found;
  }
}

function servesHost({ identifier, hosts }: IdentifiedResource, host: string): boolean {
  return hosts.includes(host) || URL.parse(identifier)?.host === host;
}
