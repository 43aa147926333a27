import { isIdentified, publishedAddresses } from '../resources/metadata.ts';
import { createRouteTable } from '../routing/route-table.ts';
import type { ResourceConfig } from './resource-config.ts';
import type { Bind } from './routes.ts';

/**
 * What the metadata of the resources behind a gateway says can be reached there, and cannot: other parties would be sent
 * to addresses that do not answer.
 */
export function unroutedAddresses(binds: readonly Bind[], resources: readonly ResourceConfig[]): string[] {
  const routes = binds.flatMap(({ listeners }) => listeners.flatMap((listener) => listener.routes));
  const behind = new Set(routes.map(({ protection }) => protection?.resourceId));
  const tables = binds.map(({ listeners }) => createRouteTable(listeners));
  const isPublic = (method: string, url: string) => {
    const { hostname, pathname } = new URL(url);
    return tables.some((table) => {
      const found = table.find(hostname, pathname, method);
      return found !== undefined && !found.route.protection;
    });
  };
  return resources
    .filter(isIdentified)
    .filter(({ id }) => behind.has(id))
    .flatMap((resource) =>
      publishedAddresses(resource)
        .filter(({ url, method }) => url.startsWith(`${resource.identifier}/`) && !isPublic(method, url))
        .map(
          ({ url, method }) => `resource ${resource.id} publishes ${url}, and no public route leads there (${method})`,
        ),
    );
}
