import { isIdentified, publishedAddresses } from '../resources/metadata.ts';
import { createRouteTable } from '../routing/route-table.ts';
import type { ResourceConfig } from './resource-config.ts';
import type { Bind } from './routes.ts';

/**
 * What the metadata of the resources behind a gateway says can be reached there, and cannot: other parties would be sent
 * to addresses that do not answer.
 */
export function unroutedAddresses(binds: readonly Bind[], resources: readonly ResourceConfig[]): string[] {
  const listeners = binds.flatMap((bind) => bind.listeners);
  const protections = listeners.flatMap(({ routes }) => routes.flatMap(({ protection }) => protection ?? []));
  const behind = new Set(protections.map(({ resourceId }) => resourceId));
  const routes = createRouteTable(listeners);
  return resources
    .filter(isIdentified)
    .filter(({ id }) => behind.has(id))
    .flatMap((resource) =>
      publishedAddresses(resource)
        .filter(({ url, method }) => {
          const { hostname, pathname } = new URL(url);
          return !routes.find(hostname, pathname, method);
        })
        .map(({ url, method }) => `resource ${resource.id} publishes ${url}, and no route leads there (${method})`),
    );
}
