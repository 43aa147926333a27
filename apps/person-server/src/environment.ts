import type { IncomingMessage } from 'node:http';
import type { Context, MiddlewareHandler } from 'hono';
import type { PersonSession } from './session/person-session.ts';

/** What the routes find in a Hono context. */
export interface Environment {
  Bindings: {
    /** Node's request, where the app is served by Node. */
    incoming?: IncomingMessage;
  };
  Variables: {
    /** The person's session, where `loadSession` found one. */
    session: PersonSession | undefined;
    /** The body as received, where a signature was verified over it. */
    verifiedBody: Uint8Array;
  };
}

export type AppContext = Context<Environment>;
export type Step = MiddlewareHandler<Environment>;
