import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { signatureAlgorithms } from '@aauth-stack/aauth/keys';
import type { ResourceConfig } from '../configuration/resources-file.ts';

/** A resource that other parties know by an identifier. */
export type IdentifiedResource = ResourceConfig & { readonly identifier: ServerIdentifier };

export function isIdentified(config: ResourceConfig): config is IdentifiedResource {
  return config.identifier !== undefined;
}

/** The `aauth-resource.json` document; members without a value are left out. */
export function resourceMetadata(config: IdentifiedResource): Record<string, unknown> {
  return {
    issuer: config.identifier,
    jwks_uri: `${config.identifier}/.well-known/jwks.json`,
    access_mode: 'agent-token',
    name: config.name,
    description: config.description,
    logo_uri: config.logoUri,
    logo_dark_uri: config.logoDarkUri,
    signature_window: Math.floor(config.signatureWindow),
    additional_signature_components: config.additionalComponents,
    accept_signature_algs: signatureAlgorithms,
    supported_scopes: config.supportedScopes,
    scope_descriptions: config.scopeDescriptions,
  };
}
