import type { IdentifierPolicy, ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { resourceMetadata } from '@aauth-stack/aauth/resource';
import type { ResourceConfig } from '../configuration/resource-config.ts';
import { revocationIssuers } from '../revocations/revocation-issuers.ts';

/** A resource that other parties know by an identifier. */
export type IdentifiedResource = ResourceConfig & { readonly identifier: ServerIdentifier };

export function isIdentified(config: ResourceConfig): config is IdentifiedResource {
  return config.identifier !== undefined;
}

/** What each resource has under its own host. */
export const paths = {
  metadata: '/.well-known/aauth-resource.json',
  keys: '/.well-known/jwks.json',
  authorization: '/resource/token',
  revocation: '/resource/revoke',
} as const;

/**
 * The `aauth-resource.json` document; members without a value are left out.
 *
 * @param options.hasKeys whether the resource publishes any
 */
export function metadataOf(
  config: IdentifiedResource,
  options: { readonly hasKeys: boolean; readonly identifiers: IdentifierPolicy },
): object {
  const document = resourceMetadata({
    identifier: config.identifier,
    identifiers: options.identifiers,
    access: config.access,
    jwksUri: options.hasKeys ? `${config.identifier}${paths.keys}` : undefined,
    ...endpoints(config),
    scopeDescriptions: config.scopeDescriptions,
    signatureWindow: Math.floor(config.signatureWindow),
    additionalSignatureComponents: config.additionalComponents,
    name: config.name,
    description: config.description,
    logoUri: config.logoUri,
    logoDarkUri: config.logoDarkUri,
  });
  // Members of the published service: what scope_descriptions explains, what it calls the name, and where people sign in.
  const { supportedScopes: supported_scopes, name: client_name, loginEndpoint: login_endpoint } = config;
  return { ...document, supported_scopes, client_name, login_endpoint };
}

/** Every address at which other parties look for something of a resource. */
export function publishedAddresses(config: IdentifiedResource): { readonly method: string; readonly url: string }[] {
  const { authorizationEndpoint, revocationEndpoint } = endpoints(config);
  return [
    { method: 'GET', url: `${config.identifier}${paths.metadata}` },
    ...(config.signingKey ? [{ method: 'GET', url: `${config.identifier}${paths.keys}` }] : []),
    ...[authorizationEndpoint, revocationEndpoint].flatMap((url) => (url ? [{ method: 'POST', url }] : [])),
  ];
}

function endpoints(config: IdentifiedResource) {
  const { identifier, asksForAuthTokens, authorizationEndpoint = `${identifier}${paths.authorization}` } = config;
  return {
    authorizationEndpoint: asksForAuthTokens ? authorizationEndpoint : undefined,
    revocationEndpoint: revocationIssuers(config).length > 0 ? `${identifier}${paths.revocation}` : undefined,
  };
}
