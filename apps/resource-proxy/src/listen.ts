import { type HttpServer, serve, serveListener } from '@aauth-stack/service/http';
import type { Logger } from '@aauth-stack/service/logger';
import type { ResourceProxy } from './app.ts';
import type { Config } from './config.ts';
import { type ExtAuthzServer, serveExtAuthz } from './ext-authz/server.ts';

export interface ListeningProxy {
  readonly gateways: readonly HttpServer[];
  readonly resourceApi: HttpServer;
  readonly extAuthz: ExtAuthzServer;
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
  const open: { close(): Promise<void> }[] = [];
  const close = async () => {
    await Promise.all(open.map((server) => server.close()));
    await proxy.close();
    await closeStorage();
  };
  try {
    // First what the gateway's own routes lead to.
    const { http, grpc } = config.resources.listen;
    const { fetch } = proxy.resourceApi;
    const resourceApi = await serve({ fetch, hostname: http.host ?? config.host, port: http.port, log });
    open.push(resourceApi);
    const extAuthz = await serveExtAuthz({
      check: proxy.check,
      checks: proxy.checks,
      hostname: grpc.host ?? config.host,
      port: grpc.port,
      timeout: config.extAuthz.timeout * 1000,
      concurrency: config.extAuthz.concurrency,
      log,
    });
    open.push(extAuthz);
    const gateways: HttpServer[] = [];
    for (const { port, listener } of proxy.gateways) {
      const server = await serveListener(listener, { hostname: config.host, port, log });
      open.push(server);
      gateways.push(server);
    }
    proxy.markReady();
    return { gateways, resourceApi, extAuthz, close };
  } catch (error) {
    await close();
    throw error;
  }
}
