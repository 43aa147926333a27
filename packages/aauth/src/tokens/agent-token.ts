import { type Clock, systemClock } from '../clock.ts';
import { SignatureError } from '../errors.ts';
import {
  type AgentIdentifier,
  agentDomain,
  parseAgentIdentifier,
  parseServerIdentifier,
  type ServerIdentifier,
} from '../identifiers.ts';
import { toPublicJwk } from '../keys/index.ts';
import type { PublicJwk, SigningKey } from '../keys/types.ts';
import { confirmationKey } from './confirmation.ts';
import { signJwt } from './jwt.ts';
import { type IssuedJwt, identifierClaim, type TokenProfile } from './profile.ts';
import { metadataDocuments, tokenTypes, type VerifiedAgentToken } from './types.ts';

/** Agent tokens live at most a day (AAuth Protocol, "Agent Token Structure"; protocol.md §1). */
const maxLifetime = 24 * 60 * 60;

export interface AgentTokenOptions {
  /** The agent provider. */
  readonly issuer: ServerIdentifier;
  /** The agent; its domain is the issuer's. */
  readonly subject: AgentIdentifier;
  /** The agent provider's key, with the `kid` it is published under. */
  readonly key: SigningKey;
  /** The public key that will sign the agent's requests. */
  readonly cnf: PublicJwk;
  readonly personServer?: ServerIdentifier;
  /** Makes this the token of a sub-agent of that agent. */
  readonly parentAgent?: AgentIdentifier;
  readonly now?: Clock;
  /** Seconds; at most 86,400. Default 3,600. */
  readonly lifetime?: number;
  /** Default: a random UUID. */
  readonly jti?: string;
}

/** The payload of an `aa-agent+jwt`. */
export interface AgentTokenClaims {
  readonly iss: ServerIdentifier;
  readonly dwk: typeof metadataDocuments.agentProvider;
  readonly sub: AgentIdentifier;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
  readonly cnf: { readonly jwk: PublicJwk };
  readonly ps?: ServerIdentifier;
  readonly parent_agent?: AgentIdentifier;
}

export interface IssuedAgentToken {
  /** The compact JWT. */
  readonly token: string;
  readonly claims: AgentTokenClaims;
  readonly jti: string;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * Issues an agent token (AAuth Protocol, "Agent Token Structure"). Does not check that the agent holds the key in `cnf`:
 * that is what enrolment proves.
 *
 * @throws TypeError when `key` has no `kid`, an agent identifier is not of the issuer's domain, or `lifetime` is out of range
 */
export async function issueAgentToken(options: AgentTokenOptions): Promise<IssuedAgentToken> {
  const lifetime = options.lifetime ?? 3600;
  if (!Number.isInteger(lifetime) || lifetime < 1 || lifetime > maxLifetime) {
    throw new TypeError(`lifetime is a whole number of seconds from 1 to ${maxLifetime}, not ${lifetime}.`);
  }
  if (!options.key.kid) throw new TypeError('key needs the kid that it is published under.');
  for (const agent of [options.subject, options.parentAgent]) {
    if (agent && parseAgentIdentifier(agent).domain !== agentDomain(options.issuer)) {
      throw new TypeError(`${agent} is not an agent of ${options.issuer}.`);
    }
  }
  const issuedAt = Math.floor((options.now ?? systemClock)());
  const claims: AgentTokenClaims = {
    iss: options.issuer,
    dwk: metadataDocuments.agentProvider,
    sub: options.subject,
    jti: options.jti ?? crypto.randomUUID(),
    iat: issuedAt,
    exp: issuedAt + lifetime,
    cnf: { jwk: toPublicJwk(options.cnf) },
    ...(options.personServer && { ps: options.personServer }),
    ...(options.parentAgent && { parent_agent: options.parentAgent }),
  };
  const token = await signJwt(tokenTypes.agent, { ...claims }, options.key);
  return { token, claims, jti: claims.jti, expiresAt: claims.exp };
}

/** The rules of `aa-agent+jwt` (AAuth Protocol, "Agent Token Verification"). */
export const agentTokenProfile: TokenProfile<VerifiedAgentToken> = {
  type: tokenTypes.agent,
  documents: [metadataDocuments.agentProvider],
  maxLifetime,
  async complete(jwt, context) {
    const { ps } = jwt.claims;
    return {
      type: tokenTypes.agent,
      alg: jwt.alg,
      kid: jwt.kid,
      issuer: jwt.issuer,
      dwk: jwt.dwk,
      jti: jwt.jti,
      issuedAt: jwt.issuedAt,
      expiresAt: jwt.expiresAt,
      claims: jwt.claims,
      compact: jwt.compact,
      agent: agentClaim(jwt, 'sub'),
      personServer:
        ps === undefined ? undefined : identifierClaim('ps', () => parseServerIdentifier(ps, context.identifiers)),
      parentAgent: jwt.claims.parent_agent === undefined ? undefined : agentClaim(jwt, 'parent_agent'),
      key: await confirmationKey(jwt, context.keys),
    };
  },
};

// An agent provider speaks for the agents of its own domain only, or it could name anybody's.
function agentClaim(jwt: IssuedJwt, name: 'sub' | 'parent_agent'): AgentIdentifier {
  const agent = identifierClaim(name, () => parseAgentIdentifier(jwt.claims[name]));
  const domain = agentDomain(jwt.issuer);
  if (agent.domain === domain) return agent.id;
  throw new SignatureError('invalid_jwt', `The token's ${name} is not an agent of ${jwt.issuer}.`, {
    cause: { claim: name, expected: domain, received: agent.id },
  });
}
