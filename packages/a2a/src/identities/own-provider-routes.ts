import type { SelfIssuedSession } from '@aauth-stack/aauth/agent';
import { Hono } from 'hono';

/** Where the keys of this agent as its own agent provider are. The proxy serves the resource's keys at another path. */
export const jwksPath = '/.well-known/aauth-agent-jwks.json';

const caching = { 'cache-control': 'public, max-age=300' };

/** What everybody may read of this agent as its own agent provider: who verifies its tokens asks for it without any. */
export function ownProviderRoutes({ metadata, jwks }: Pick<SelfIssuedSession, 'metadata' | 'jwks'>): Hono {
  const app = new Hono();
  app.get('/.well-known/aauth-agent.json', (c) => c.json(metadata, 200, caching));
  app.get(jwksPath, (c) => c.json(jwks, 200, caching));
  return app;
}
