import { parseEndpointUrl, type ServerIdentifier } from '../identifiers.ts';
import { parseThumbprint } from '../keys/index.ts';
import type { Thumbprint } from '../keys/types.ts';
import { commonMembers, invalid, optional, personClaims, scopeClaim, serverClaim, textClaim } from './claims.ts';
import { type IssuedToken, type IssuingOptions, issueToken } from './issue.ts';
import { isRecord } from './jwt.ts';
import { type IssuedJwt, identifierClaim, stringMember, type TokenContext, type TokenProfile } from './profile.ts';
import { formatScope } from './scope.ts';
import { metadataDocuments, tokenTypes, type VerifiedResourceToken } from './types.ts';

/** Resource tokens live at most five minutes (AAuth Protocol, "Resource Token Structure"). */
const maxLifetime = 5 * 60;

/** What a resource asks for, and the facts of the request that it asks in answer to. */
export interface ResourceTokenOptions extends IssuingOptions {
  /** The resource. */
  readonly issuer: ServerIdentifier;
  /** Who is to issue the auth token: the resource's Access Server if it has one, else the Person Server. */
  readonly audience: ServerIdentifier;
  /** `sub` of the token that was presented. */
  readonly subject: string;
  /** `iss` of the person token that was presented, `ps` of the auth token. */
  readonly personServer: ServerIdentifier;
  /** `jti` of the token that was presented. */
  readonly presentedJti: string;
  /** Thumbprint of the key that signed the request. */
  readonly agentJkt: Thumbprint;
  readonly scope: readonly string[];
  readonly account?: string;
  /** `mission_s256` of the token that was presented; to be left out only when that has none. */
  readonly missionS256?: string;
  /** `tenant` of the token that was presented; to be left out only when that has none. */
  readonly tenant?: string;
  /** Where the Person Server sends the person first. */
  readonly interaction?: { readonly url: string; readonly code: string };
  readonly loginHint?: string;
}

/** The payload of an `aa-resource+jwt`, beside `jti`, `iat` and `exp`. */
export interface ResourceTokenClaims {
  readonly iss: ServerIdentifier;
  readonly dwk: typeof metadataDocuments.resource;
  readonly aud: ServerIdentifier;
  readonly sub: string;
  readonly ps: ServerIdentifier;
  readonly presented_jti: string;
  readonly agent_jkt: Thumbprint;
  readonly scope?: string;
  readonly account?: string;
  readonly mission_s256?: string;
  readonly tenant?: string;
  readonly interaction?: { readonly url: string; readonly code: string };
  readonly login_hint?: string;
}

/** A signed resource token with its claims. */
export type IssuedResourceToken = IssuedToken<ResourceTokenClaims>;

/**
 * Issues a resource token (AAuth Protocol, "Resource Token Structure"). `lifetime` is at most and by default 300 seconds. Does
 * not verify the token that was presented: that comes first, and what is copied here comes from it.
 *
 * @param options what is asked of whom, and the key that signs the token
 * @returns the token with its claims
 * @throws TypeError when `key` has no `kid`, `lifetime` is out of range or a scope name is none
 */
export async function issueResourceToken(options: ResourceTokenOptions): Promise<IssuedResourceToken> {
  const { scope, account, missionS256, tenant, interaction, loginHint } = options;
  const claims: ResourceTokenClaims = {
    iss: options.issuer,
    dwk: metadataDocuments.resource,
    aud: options.audience,
    sub: options.subject,
    ps: options.personServer,
    presented_jti: options.presentedJti,
    agent_jkt: options.agentJkt,
    ...(scope.length > 0 && { scope: formatScope(scope) }),
    ...(account !== undefined && { account }),
    ...(missionS256 !== undefined && { mission_s256: missionS256 }),
    ...(tenant !== undefined && { tenant }),
    ...(interaction && { interaction: { url: interaction.url, code: interaction.code } }),
    ...(loginHint !== undefined && { login_hint: loginHint }),
  };
  return issueToken(tokenTypes.resource, claims, options, { maximum: maxLifetime, usual: maxLifetime });
}

/** The rules of `aa-resource+jwt` (AAuth Protocol, "Resource Token Verification"), as far as they need nothing but the token. */
export const resourceTokenProfile: TokenProfile<VerifiedResourceToken> = {
  type: tokenTypes.resource,
  documents: [metadataDocuments.resource],
  maxLifetime,
  async complete(jwt, context) {
    return {
      ...commonMembers(jwt),
      type: tokenTypes.resource,
      audience: serverClaim(jwt, 'aud', context),
      personServer: serverClaim(jwt, 'ps', context),
      ...personClaims(jwt),
      presentedJti: stringMember(jwt.claims, 'presented_jti'),
      agentJkt: thumbprintClaim(jwt),
      scope: scopeClaim(jwt),
      account: optional(jwt, 'account', textClaim),
      interaction: optional(jwt, 'interaction', () => interactionClaim(jwt, context)),
      loginHint: optional(jwt, 'login_hint', textClaim),
    };
  },
};

function thumbprintClaim(jwt: IssuedJwt): Thumbprint {
  try {
    return parseThumbprint(jwt.claims.agent_jkt);
  } catch {
    throw invalid(jwt, 'agent_jkt', 'the thumbprint of a key');
  }
}

function interactionClaim(jwt: IssuedJwt, context: TokenContext): { readonly url: string; readonly code: string } {
  const { interaction } = jwt.claims;
  if (!isRecord(interaction) || typeof interaction.code !== 'string' || interaction.code === '') {
    throw invalid(jwt, 'interaction', 'an object with url and code');
  }
  const url = identifierClaim('interaction', () => parseEndpointUrl(interaction.url, context.identifiers));
  return { url: url.href, code: interaction.code };
}
