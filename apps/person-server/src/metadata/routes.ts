import { RequestError } from '@aauth-stack/aauth/errors';
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
    accept_signature_algs: signatureAlgorithms,
  };
  return (c: AppContext) => c.json(document, 200, { 'cache-control': 'public, max-age=300' });
}

/** The token endpoints, whose addresses the metadata has to name: this server decides on agents and issues no tokens. */
export function noTokensIssued(): never {
  throw new RequestError('unsupported', 'This Person Server issues no person tokens and no auth tokens.', {
    status: 501,
  });
}
