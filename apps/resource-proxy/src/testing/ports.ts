import { type Answer, send, type WireRequest } from './client.ts';
import { checkMessage, createCheckClient } from './ext-authz-client.ts';
import type { TestProxy } from './proxy.ts';

/** A way in which requests are put to the proxy. */
export interface Port {
  /** The answer of the service behind, where there is one, or that of the proxy. */
  send(request: WireRequest): Promise<Answer>;
  close(): void;
}

/** Requests come in here and are forwarded. */
export const gatewayPort = (proxy: TestProxy): Port => ({
  send: (request) => send(proxy.port, request),
  close() {},
});

/** Requests come in at another gateway, which asks here. An empty answer stands for that of the service behind it. */
export function extAuthzPort({ grpcPort }: TestProxy): Port {
  const client = createCheckClient(grpcPort);
  return {
    async send(request) {
      const { denied } = await client.check(checkMessage(request));
      return denied ?? { status: 200, headers: {}, text: '' };
    },
    close: () => client.close(),
  };
}
