import type { IncomingMessage } from 'node:http';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { VerifiedAgentToken, VerifiedResourceToken } from '@aauth-stack/aauth/tokens';
import type { Context, MiddlewareHandler } from 'hono';
import type { agentOf } from './agents/ownership.ts';
import type { PersonSession } from './session/person-session.ts';
import type { AuthTokenParameters, TokenRequest } from './token-requests/parameters.ts';
import type { OwnToken } from './tokens/own-tokens.ts';

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

    /** Whoever signed a request to a token endpoint; from `verifyAgent`. */
    agentToken: VerifiedAgentToken;
    /** What is recorded of that agent, if it is anybody's; from `checkAgent`. */
    knownAgent: Awaited<ReturnType<typeof agentOf>>;
    /** What both token endpoints take; from the step that parses the body. */
    tokenRequest: TokenRequest;
    /** The token on whose behalf the agent calls others, where it chains; from `loadUpstreamToken`. */
    upstream: OwnToken | undefined;
    /** For whom the token is, undefined when the agent is nobody's yet; from `loadPerson`. */
    personId: string | undefined;
    /** What a person token is for; from `parsePersonTokenRequest`. */
    resource: ServerIdentifier;
    /** What only the auth token endpoint takes; from `parseAuthTokenRequest`. */
    authTokenParameters: AuthTokenParameters;
    /** From `loadResourceToken`. */
    resourceToken: VerifiedResourceToken;
    /** From `loadPresentedToken`. */
    presented: OwnToken;
  };
}

export type AppContext = Context<Environment>;
export type Step = MiddlewareHandler<Environment>;
