import { type HttpServer, serve, serveListener } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import type { ResourceProxy } from './app.ts';
import type { Config } from './config.ts';

export interface ListeningProxy {
  readonly gateways: readonly HttpServer[];
  readonly resourceApi: HttpServer;
  /** Drains every port, then closes what it was served with. */
  close(): Promise<void>;
}

/** Listens on every port of a proxy. When one is taken, those already open are closed again. */
export async function listenProxy(
  proxy: ResourceProxy,
  config: Config,
  log: Logger,
  closeStorage: () => Promise<void>,
): Promise<ListeningProxy> {
  const open: HttpServer[] = [];
  const close = async () => {
    await Promise.all(open.map((server) => server.close()));
    await proxy.close();
    await closeStorage();
  };
  try {
    // First what the gateway's own routes lead to.
    const { host = config.host, port } = config.resources.listen;
    const resourceApi = await serve({ fetch: proxy.resourceApi.fetch, hostname: host, port, log });
    open.push(resourceApi);
    const gateways: HttpServer[] = [];
    for (const { port, listener } of proxy.gateways) {
      const server = await serveListener(listener, { hostname: config.host, port, log });
      open.push(server);
      gateways.push(server);
    }
    proxy.markReady();
    return { gateways, resourceApi, close };
  } catch (error) {
    await close();
    throw error;
  }
}
