import { SignatureError } from '../errors.ts';
import { type AgentIdentifier, agentDomain, parseAgentIdentifier, type ServerIdentifier } from '../identifiers.ts';
import { toPublicJwk } from '../keys/index.ts';
import type { PublicJwk } from '../keys/types.ts';
import { commonMembers, optional, serverClaim } from './claims.ts';
import { confirmationKey } from './confirmation.ts';
import { type IssuedToken, type IssuingOptions, issueToken } from './issue.ts';
import { type IssuedJwt, identifierClaim, type TokenProfile } from './profile.ts';
import { metadataDocuments, tokenTypes, type VerifiedAgentToken } from './types.ts';

/** Agent tokens live at most a day (AAuth Protocol, "Agent Token Structure"). */
const maxLifetime = 24 * 60 * 60;

/** Whom an agent token names, and for how long. */
export interface AgentTokenOptions extends IssuingOptions {
  /** The agent provider. */
  readonly issuer: ServerIdentifier;
  /** The agent; its domain is the issuer's. */
  readonly subject: AgentIdentifier;
  /** The public key that will sign the agent's requests. */
  readonly cnf: PublicJwk;
  readonly personServer?: ServerIdentifier;
  /** Makes this the token of a sub-agent of that agent. */
  readonly parentAgent?: AgentIdentifier;
}

/** The payload of an `aa-agent+jwt`, beside `jti`, `iat` and `exp`. */
export interface AgentTokenClaims {
  readonly iss: ServerIdentifier;
  readonly dwk: typeof metadataDocuments.agentProvider;
  readonly sub: AgentIdentifier;
  readonly cnf: { readonly jwk: PublicJwk };
  readonly ps?: ServerIdentifier;
  readonly parent_agent?: AgentIdentifier;
}

/** A signed agent token with its claims. */
export type IssuedAgentToken = IssuedToken<AgentTokenClaims>;

/**
 * Issues an agent token (AAuth Protocol, "Agent Token Structure"). `lifetime` is at most 86,400 seconds and 3,600 by default.
 * Does not check that the agent holds the key in `cnf`: that is what enrolment proves.
 *
 * @param options whom the token is about, and the key that signs it
 * @returns the token with its claims
 * @throws TypeError when `key` has no `kid`, an agent identifier is not of the issuer's domain, or `lifetime` is out of range
 */
export async function issueAgentToken(options: AgentTokenOptions): Promise<IssuedAgentToken> {
  const { issuer, subject, cnf, personServer, parentAgent } = options;
  for (const agent of [subject, parentAgent]) {
    if (agent && parseAgentIdentifier(agent).domain !== agentDomain(issuer)) {
      throw new TypeError(`${agent} is not an agent of ${issuer}.`);
    }
  }
  const claims: AgentTokenClaims = {
    iss: issuer,
    dwk: metadataDocuments.agentProvider,
    sub: subject,
    cnf: { jwk: toPublicJwk(cnf) },
    ...(personServer && { ps: personServer }),
    ...(parentAgent && { parent_agent: parentAgent }),
  };
  return issueToken(tokenTypes.agent, claims, options, { maximum: maxLifetime, usual: 3600 });
}

/** The rules of `aa-agent+jwt` (AAuth Protocol, "Agent Token Verification"). */
export const agentTokenProfile: TokenProfile<VerifiedAgentToken> = {
  type: tokenTypes.agent,
  documents: [metadataDocuments.agentProvider],
  maxLifetime,
  async complete(jwt, context) {
    return {
      ...commonMembers(jwt),
      type: tokenTypes.agent,
      agent: agentClaim(jwt, 'sub'),
      personServer: optional(jwt, 'ps', () => serverClaim(jwt, 'ps', context)),
      parentAgent: optional(jwt, 'parent_agent', () => agentClaim(jwt, 'parent_agent')),
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
