import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { signatureAlgorithms } from '@aauth-stack/aauth/keys';
import type { AppContext } from '../environment.ts';

/** GET /.well-known/aauth-person.json (AAuth Protocol, "Person Server Metadata") */
export function metadata({ issuer }: { issuer: ServerIdentifier }) {
  const document = {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    name: 'Person Server',
    person_token_endpoint: `${issuer}/person-token`,
    auth_token_endpoint: `${issuer}/auth-token`,
    revocation_endpoint: `${issuer}/revoke`,
    scopes_supported: [],
    claims_supported: ['sub'],
    accept_signature_algs: signatureAlgorithms,
  };
  return (c: AppContext) => c.json(document, 200, { 'cache-control': 'public, max-age=300' });
}
