import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { streamSSE } from 'hono/streaming';
import type { Topic } from '../../../src/api/events.ts';
import { consentRoutes } from './consent-routes.ts';
import { personRoutes } from './person-routes.ts';
import { refuse } from './problem.ts';
import { sessionRoutes, sessionSteps } from './session-routes.ts';
import { createState, type State } from './state.ts';

/** The policy that the pages live under; the Person Server sends the same. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const pages = ['agents', 'requests', 'consents', 'tokens', 'activity', 'settings', 'server', 'consent'];

/** A Person Server in memory, which answers as the real one does and serves the built pages. */
export interface TestPersonServer {
  origin: string;
  state: State;
  /** Changes what the server knows, and tells the open pages. */
  change: (changed: readonly Topic[], by: (state: State) => void) => void;
  /** Answers to paths that begin so with 503, until called without one. */
  fail: (path?: string) => void;
  /** Lets event streams end, and refuses new ones, until called with false. */
  withoutStreams: (without: boolean) => void;
  /** Takes no connections, and ends those it has. */
  goAway: () => Promise<void>;
  comeBack: () => Promise<void>;
  /** Ends the sessions of the person, as an expiry does. */
  endSessions: () => void;
  stop: () => Promise<void>;
}

export async function startPersonServer(dist: string): Promise<TestPersonServer> {
  const state = createState();
  const listeners = new Set<(event: string, data: object) => void>();
  let changes = 0;
  let failing: string | undefined;
  let streamsRefused = false;
  let origin = '';

  const tell = (changed: readonly Topic[]) => {
    changes += 1;
    for (const listener of listeners) listener('changed', { topics: changed });
  };
  const surroundings = { state, tell, origin: () => origin };

  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header('content-security-policy', contentSecurityPolicy);
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'same-origin');
    if (!c.req.path.startsWith('/ui/assets/')) c.header('cache-control', 'no-store');
  });
  app.onError((error) => {
    if (error instanceof HTTPException) return error.getResponse();
    throw error;
  });

  const page = (status: 200 | 404) => () =>
    new Response(readFileSync(join(dist, 'index.html')), { status, headers: { 'content-type': types['.html'] ?? '' } });
  app.get('/ui', page(200));
  for (const name of pages) app.get(`/ui/${name}`, page(200));
  app.get('/ui/assets/:file', (c) => {
    const file = c.req.param('file');
    return new Response(readFileSync(join(dist, 'assets', file)), {
      headers: { 'content-type': types[extname(file)] ?? 'application/octet-stream' },
    });
  });

  app.use('/person/*', async (c, next) => {
    if (failing && c.req.path.startsWith(failing)) {
      refuse(503, 'unavailable', 'The Agent Provider at agent-provider.localhost:8766 is not answering.');
    }
    await next();
  });
  const steps = sessionSteps(surroundings);
  app.route('/', sessionRoutes(surroundings, steps));
  app.get('/ui/changes', steps.needsSession, (c) => c.json({ changes }));
  app.get('/ui/events', steps.needsSession, (c) => {
    if (streamsRefused) return c.text('no streams here', 502);
    return streamSSE(c, async (stream) => {
      const { promise: ended, resolve: end } = Promise.withResolvers<void>();
      const listener = (event: string, data: object) => {
        void stream.writeSSE({ event, data: JSON.stringify(data) });
        if (event === 'session-ended') end();
      };
      await stream.writeSSE({ event: 'hello', data: JSON.stringify({ server_time: new Date().toISOString() }) });
      listeners.add(listener);
      stream.onAbort(end);
      await ended;
      listeners.delete(listener);
    });
  });
  app.route('/', personRoutes(surroundings, steps));
  app.route('/', consentRoutes(surroundings, steps));
  app.get('/ui/:page', page(404));

  const server = createAdaptorServer({ fetch: app.fetch });
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => resolve());
    });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      if ('closeAllConnections' in server) server.closeAllConnections();
    });
  await listen(0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port.');
  const { port } = address;
  origin = `http://person-server.localhost:${port}`;

  return {
    origin,
    state,
    change: (changed, by) => {
      by(state);
      tell(changed);
    },
    fail: (path) => {
      failing = path;
    },
    withoutStreams: (without) => {
      streamsRefused = without;
      if (without && 'closeAllConnections' in server) server.closeAllConnections();
    },
    goAway: close,
    comeBack: () => listen(port),
    endSessions: () => {
      state.sessions.clear();
      for (const listener of listeners) listener('session-ended', {});
    },
    stop: close,
  };
}
