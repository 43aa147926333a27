import type { Discovery } from '@aauth-stack/aauth/discovery';
import type { IdentifierPolicy, ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { jwksUriScheme, metadataDocuments } from '@aauth-stack/aauth/tokens';
import type { MiddlewareHandler } from 'hono';
import type { ProviderEnv } from './env.ts';
import { type SignatureCheckOptions, verifySignedRequest } from './signed-request.ts';

export interface PersonServerCheckOptions extends SignatureCheckOptions {
  /** The only caller of the person's API. Nobody else's keys are even fetched. */
  personServer: ServerIdentifier;
  discovery: Discovery;
  identifiers: IdentifierPolicy;
}

/** Admits the configured Person Server, speaking as such, and nobody else. */
export function verifyPersonServer(options: PersonServerCheckOptions): MiddlewareHandler<ProviderEnv> {
  const { personServer, discovery, identifiers } = options;
  const accepted = [{ issuer: personServer, dwk: metadataDocuments.personServer }];
  const schemes = { jwks_uri: jwksUriScheme({ discovery, identifiers, accepted }) };
  return async function verifyRequestOfPersonServer(c, next) {
    c.set('signedRequest', await verifySignedRequest(c, schemes, options));
    await next();
  };
}
