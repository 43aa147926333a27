import type { A2AClient } from '@aauth-stack/a2a/client';
import { Hono } from 'hono';

export interface ConnectionOptions {
  client: Pick<A2AClient, 'send'>;
  supplyChainAgentUrl: string;
}

const timeoutMs = 30_000;

/** Tries whether the supply-chain agent answers. Behind `signIn`. */
export function connectionRoutes({ client, supplyChainAgentUrl: url }: ConnectionOptions): Hono {
  const app = new Hono();
  app.get('/test-a2a-connection', async (c) => {
    try {
      const reply = await client.send('test connection', { signal: AbortSignal.timeout(timeoutMs) });
      const message = reply.text ? 'The supply-chain agent answered.' : 'The supply-chain agent answered with nothing.';
      return c.json({ status: reply.text ? 'connected' : 'warning', url, message, auth_method: 'aauth' });
    } catch (error) {
      return c.json({ status: 'error', url, error: error instanceof Error ? error.message : String(error) });
    }
  });
  return app;
}
