import { withoutTokens } from './without-tokens.ts';
/**
 * The names of everything AAuth that spans carry: the one registry. A value under these names is never a signature, a
 * private key or a complete token.
 */
export const attribute = {
  /** What is known of the sender: `pseudonymous`, `identified`, `person` or `authorized`. */
  level: 'aauth.level',
  /** Signature-Key scheme of the request: `jwt`, `jwks_uri`, `jkt-jwt` or `hwk`. */
  scheme: 'aauth.scheme',
  /** `typ` of the presented token, for instance `aa-agent+jwt`. */
  tokenType: 'aauth.token.type',
  /** JOSE header of the token, as JSON. */
  tokenHeader: 'aauth.token.header',
  /** Claims of the presented token, as JSON. */
  tokenClaims: 'aauth.token.claims',
  /** Member of the body that a token came in, for instance `upstream_token`. */
  tokenParameter: 'aauth.token.parameter',
  /** Agent identifier. */
  agent: 'aauth.agent',
  /** The Person Server that speaks for the person. */
  personIssuer: 'aauth.person.iss',
  /** The person's directed identifier. */
  personSubject: 'aauth.person.sub',
  /** Scopes, as a list. */
  scope: 'aauth.scope',
  /** RFC 7638 thumbprint of the key that signed the request. */
  jkt: 'aauth.jkt',
  /** Identifier of the resource. */
  resource: 'aauth.resource',
  /** What a challenge asks for: the value of `AAuth-Requirement`. */
  requirement: 'aauth.requirement',
  /** `verified`, `refused`, `allowed`, `denied` or another outcome. */
  result: 'aauth.result',
  /** Code of the refusal. */
  error: 'aauth.error',
  /** What the refusal says to people: the detail of the problem. */
  errorDetail: 'aauth.error.detail',
  /** Why a policy decided as it did, for instance `standing-policy`. */
  reason: 'aauth.reason',
  /** Whether something is asked for the person of an upstream token. */
  chained: 'aauth.chained',
  /** What an agent does about an answer, for instance `exchange-resource-token`. */
  remedy: 'aauth.remedy',
  /** Algorithm of the key that verified the signature: `Ed25519` or `ES256`. */
  signatureAlgorithm: 'aauth.signature.alg',
  /** Covered components, in order. */
  signatureComponents: 'aauth.signature.components',
  /** The signature base, the signature part of each JWT in it replaced by `…`. */
  signatureBase: 'aauth.signature.base',
  /** One run of a user's action; travels as baggage and is on every span of the run. */
  requestId: 'request_id',
} as const;

/** Names of span events. */
export const spanEvent = {
  /** A request was answered with what it lacks. */
  challenge: 'aauth.challenge',
  /** An agent asked its Person Server for a token, and what came of it. */
  exchange: 'aauth.exchange',
  /** An agent sends a call again, with something done differently. */
  retry: 'aauth.retry',
  /** An agent gives a refusal back to its caller. */
  refusal: 'aauth.refusal',
  /** A token came in a request's body, to speak for whoever it was issued about. */
  token: 'aauth.token',
  /** A policy or a person decided. */
  decision: 'aauth.decision',
} as const;

/** What a verifier found out about one request. */
export interface VerificationFacts {
  result: string;
  level?: string;
  scheme?: string;
  tokenType?: string;
  claims?: object;
  agent?: string;
  personIssuer?: string;
  personSubject?: string;
  scope?: readonly string[];
  jkt?: string;
  resource?: string;
  requirement?: string;
  /** Code of the refusal. */
  error?: string;
  errorDetail?: string;
  algorithm?: string;
  components?: readonly string[];
  /** The signature base; JWT signatures in it are cut here too. */
  base?: string;
}

/** The attributes of a verification span; facts that are missing have none. */
export function verificationAttributes(facts: VerificationFacts): Record<string, string | string[]> {
  const values: Record<string, string | string[] | undefined> = {
    [attribute.result]: facts.result,
    [attribute.level]: facts.level,
    [attribute.scheme]: facts.scheme,
    [attribute.tokenType]: facts.tokenType,
    [attribute.tokenClaims]: facts.claims && withoutTokens(JSON.stringify(facts.claims)),
    [attribute.agent]: facts.agent,
    [attribute.personIssuer]: facts.personIssuer,
    [attribute.personSubject]: facts.personSubject,
    [attribute.scope]: facts.scope && [...facts.scope],
    [attribute.jkt]: facts.jkt,
    [attribute.resource]: facts.resource,
    [attribute.requirement]: facts.requirement,
    [attribute.error]: facts.error,
    [attribute.errorDetail]: facts.errorDetail && withoutTokens(facts.errorDetail),
    [attribute.signatureAlgorithm]: facts.algorithm,
    [attribute.signatureComponents]: facts.components && [...facts.components],
    [attribute.signatureBase]: facts.base && withoutTokens(facts.base),
  };
  const attributes: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) attributes[name] = value;
  }
  return attributes;
}

/** The caller whom a proxy has verified, and told a service of. */
export interface ForwardedFacts extends Pick<VerificationFacts, 'level' | 'scheme' | 'tokenType' | 'agent' | 'jkt'> {
  personServer?: string;
  subject?: string;
  scope: readonly string[];
}

/** The caller as the spans of the service carry it. */
export function forwardedAttributes(caller: ForwardedFacts): Record<string, string | string[]> {
  const { level, scheme, tokenType, agent, personServer, subject, scope, jkt } = caller;
  return verificationAttributes({
    result: 'forwarded',
    level,
    scheme,
    tokenType,
    agent,
    personIssuer: personServer,
    personSubject: subject,
    scope: scope.length > 0 ? scope : undefined,
    jkt,
  });
}
