import { type Clock, wasSetBack } from '../clock.ts';
import { agentDomain, parseAgentIdentifier, type ServerIdentifier } from '../identifiers.ts';
import { toPublicJwk } from '../keys/jwk.ts';
import type { PublicJwk, SigningKey } from '../keys/types.ts';
import { issueAgentToken } from '../tokens/agent-token.ts';
import type { AgentCredentials } from './session-types.ts';
import type { CredentialRequest } from './signed-fetch.ts';

// Agents renew their tokens before they expire (AAuth Protocol, "Re-authorization"); here with five minutes left.
const renewalMargin = 5 * 60;

/** What an agent that is its own provider is made of. */
export interface SelfIssuedSessionOptions {
  /** The agent's own provider: for a resource that calls others, its resource identifier. */
  readonly issuer: ServerIdentifier;
  /** The one key of a self-hosted agent, with the `kid` that it is published under. */
  readonly key: SigningKey;
  /** The agent identifier before the `@`. */
  readonly agentLocal: string;
  /** Where the key is published. */
  readonly jwksUri: URL;
  /** What people are shown. */
  readonly name?: string;
  /** Where people may be sent back to after an interaction; servers admit no other address of this agent. */
  readonly callbackEndpoint?: URL;
  /** The agent's own person server, if it has one. In call chaining, the upstream token names the one that is asked. */
  readonly personServer?: ServerIdentifier;
  readonly now: Clock;
  /** Seconds an agent token lives; more than 300. Default 3,600. */
  readonly lifetime?: number;
}

/** An agent that is its own agent provider. Made by {@link createSelfIssuedSession}. */
export interface SelfIssuedSession {
  /** Bound: a {@link CredentialSource} as it is. */
  readonly credentials: (request?: CredentialRequest) => Promise<AgentCredentials>;
  /** To be served as `/.well-known/aauth-agent.json` of the issuer. */
  readonly metadata: {
    readonly issuer: ServerIdentifier;
    readonly jwks_uri: string;
    readonly name?: string;
    readonly callback_endpoint?: string;
  };
  /** To be served at `jwksUri`. */
  readonly jwks: { readonly keys: readonly PublicJwk[] };
}

/**
 * Makes the credentials of an agent that is its own agent provider (AAuth Bootstrap, "Self-Hosted Agents"; AAuth Protocol, "Call
 * Chaining"). As that text has it there is one key: it is published, signs the agent tokens, and is what they bind. So person and
 * auth tokens outlive the renewal of the agent token. Renews with five minutes left, and whenever a server refused the token.
 *
 * Does NOT publish anything: serve `metadata` and `jwks`.
 *
 * @param options the key, and what the agent is called
 * @returns its credentials, and what to publish
 * @throws TypeError when `key` has no `kid`, or `lifetime` is not a whole number of seconds above 300 and up to 86,400
 * @throws IdentifierError when `agentLocal` makes no agent identifier
 */
export function createSelfIssuedSession(options: SelfIssuedSessionOptions): SelfIssuedSession {
  const { issuer, key, agentLocal, jwksUri, name, callbackEndpoint, personServer, now, lifetime = 3600 } = options;
  const { kid } = key;
  if (kid === undefined) throw new TypeError('A self-hosted agent publishes its key: the signing key needs a kid.');
  if (!Number.isInteger(lifetime) || lifetime <= renewalMargin || lifetime > 86_400) {
    throw new TypeError(`lifetime is a whole number of seconds above ${renewalMargin}, up to 86400, not ${lifetime}.`);
  }
  const agent = parseAgentIdentifier(`aauth:${agentLocal}@${agentDomain(issuer)}`).id;
  let current: Promise<AgentCredentials> | undefined;
  let issuedAt = 0;

  async function issue(): Promise<AgentCredentials> {
    const cnf = toPublicJwk(key.publicJwk);
    issuedAt = now();
    const issued = await issueAgentToken({ issuer, subject: agent, key, cnf, personServer, now, lifetime });
    const { token, claims, expiresAt } = issued;
    return Object.freeze({ token, key, agent, claims: { ...claims }, expiresAt });
  }

  return {
    metadata: {
      issuer,
      jwks_uri: jwksUri.href,
      ...(name !== undefined && { name }),
      ...(callbackEndpoint && { callback_endpoint: callbackEndpoint.href }),
    },
    jwks: { keys: [{ ...toPublicJwk(key.publicJwk), kid }] },
    async credentials(request) {
      const seen = current;
      const held = await seen?.catch(() => undefined);
      const isUsable = held && held.token !== request?.refused?.token && now() < held.expiresAt - renewalMargin;
      // With a clock that was set back, servers see a token from the future.
      if (held && isUsable && !wasSetBack(now, issuedAt)) return held;
      // Of several who find it used up, the first renews it for all.
      if (current === seen || current === undefined) current = issue();
      return current;
    },
  };
}
