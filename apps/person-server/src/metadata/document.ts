import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { signatureAlgorithms } from '@aauth-stack/aauth/keys';

/** What this server calls itself. */
export const serverName = 'Person Server';

/** What this server publishes of itself (AAuth Protocol, "Person Server Metadata"). */
export function metadataDocument(issuer: ServerIdentifier) {
  return {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    name: serverName,
    person_token_endpoint: `${issuer}/person-token`,
    auth_token_endpoint: `${issuer}/auth-token`,
    revocation_endpoint: `${issuer}/revoke`,
    scopes_supported: [],
    claims_supported: ['sub'],
    accept_signature_algs: signatureAlgorithms,
  };
}
