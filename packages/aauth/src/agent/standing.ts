import { jwtSignatureKey } from '../signatures/signature-key.ts';
import { type TokenType, tokenTypes, type VerifiedAuthToken, type VerifiedPersonToken } from '../tokens/types.ts';
import type { Credentials } from './signed-fetch.ts';
import type { SignerSource } from './signer.ts';

/** What a request presents to a resource. Token and key belong together and are replaced together (W12). */
export type Standing =
  | { readonly level: 'agent'; readonly credentials: Credentials }
  | { readonly level: 'person'; readonly credentials: Credentials; readonly token: VerifiedPersonToken }
  | { readonly level: 'auth'; readonly credentials: Credentials; readonly token: VerifiedAuthToken };

const typeOfLevel = {
  agent: tokenTypes.agent,
  person: tokenTypes.person,
  auth: tokenTypes.auth,
} as const satisfies Record<Standing['level'], TokenType>;

/** The type of the token that is presented. */
export function presentedType({ level }: Standing): TokenType {
  return typeOfLevel[level];
}

/** The token that is presented, in compact form. */
export function presentedToken(standing: Standing): string {
  return standing.level === 'agent' ? standing.credentials.token : standing.token.compact;
}

/** Signs with the agent's key, presenting that token and no other. */
export function signerOf(standing: Standing): SignerSource {
  const token = presentedToken(standing);
  return async () => ({ key: standing.credentials.key, token, signatureKey: jwtSignatureKey(token) });
}
