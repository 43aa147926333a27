import type { IdentifierPolicy, ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { resourceMetadata } from '@aauth-stack/aauth/resource';
import type { ResourceConfig } from '../configuration/resource-config.ts';
import { revocationIssuers } from '../revocations/revocation-issuers.ts';

/** A resource that other parties know by an identifier. */
export type IdentifiedResource = ResourceConfig & { readonly identifier: ServerIdentifier };

export function isIdentified(config: ResourceConfig): config is IdentifiedResource {
  return config.identifier !== undefined;
}

/** Paths of the endpoints that each resource has under its own host. */
export const endpointPaths = { authorization: '/resource/token', revocation: '/resource/revoke' } as const;

/**
 * The `aauth-resource.json` document; members without a value are left out.
 *
 * @param options.hasKeys whether the resource publishes any
 */
export function metadataOf(
  config: IdentifiedResource,
  options: { readonly hasKeys: boolean; readonly identifiers: IdentifierPolicy },
): object {
  const { identifier } = config;
  const at = (path: string) => `${identifier}${path}`;
  const document = resourceMetadata({
    identifier,
    identifiers: options.identifiers,
    access: config.access,
    jwksUri: options.hasKeys ? at('/.well-known/jwks.json') : undefined,
    authorizationEndpoint: config.asksForAuthTokens
      ? (config.authorizationEndpoint ?? at(endpointPaths.authorization))
      : undefined,
    revocationEndpoint: revocationIssuers(config).length > 0 ? at(endpointPaths.revocation) : undefined,
    scopeDescriptions: config.scopeDescriptions,
    signatureWindow: Math.floor(config.signatureWindow),
    additionalSignatureComponents: config.additionalComponents,
    name: config.name,
    description: config.description,
    logoUri: config.logoUri,
    logoDarkUri: config.logoDarkUri,
  });
  // The published service's name for what scope_descriptions has the meanings of.
  return { ...document, supported_scopes: config.supportedScopes };
}
