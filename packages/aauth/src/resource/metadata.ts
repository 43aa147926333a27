import { IdentifierError } from '../errors.ts';
import { type IdentifierPolicy, parseEndpointUrl, type ServerIdentifier } from '../identifiers.ts';
import { type SignatureAlgorithm, signatureAlgorithms } from '../keys/types.ts';
import type { AccessMode } from './types.ts';

/** What a resource publishes of itself. URLs without a query and a fragment; optional members are left out of the document. */
export interface ResourceMetadataOptions {
  readonly identifier: ServerIdentifier;
  readonly identifiers: IdentifierPolicy;
  readonly access: AccessMode;
  /** Where the keys are that sign resource tokens; absent when the resource signs nothing. */
  readonly jwksUri?: string;
  readonly authorizationEndpoint?: string;
  readonly revocationEndpoint?: string;
  /** Scopes with what they mean, in Markdown. */
  readonly scopeDescriptions?: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly signatureWindow?: number;
  readonly additionalSignatureComponents?: readonly string[];
  readonly name?: string;
  /** Markdown. */
  readonly description?: string;
  readonly logoUri?: string;
  readonly logoDarkUri?: string;
  readonly documentationUri?: string;
  readonly tosUri?: string;
  readonly policyUri?: string;
}

/** `aauth-resource.json` (AAuth Protocol, "Resource Metadata"). */
export interface ResourceMetadata {
  readonly issuer: ServerIdentifier;
  readonly access_mode: AccessMode;
  readonly accept_signature_algs: readonly SignatureAlgorithm[];
  readonly jwks_uri?: string;
  readonly authorization_endpoint?: string;
  readonly revocation_endpoint?: string;
  readonly scope_descriptions?: Readonly<Record<string, string>>;
  readonly signature_window?: number;
  readonly additional_signature_components?: readonly string[];
  readonly name?: string;
  readonly description?: string;
  readonly logo_uri?: string;
  readonly logo_dark_uri?: string;
  readonly documentation_uri?: string;
  readonly tos_uri?: string;
  readonly policy_uri?: string;
}

/**
 * Builds the metadata document of a resource, to be published as JSON at `{identifier}/.well-known/aauth-resource.json`. What is
 * not given is left out.
 * AAuth Protocol, "Resource Metadata".
 *
 * @param options what the resource says of itself
 * @returns the document
 * @throws IdentifierError when a URL is not acceptable, or an endpoint has a query
 */
export function resourceMetadata(options: ResourceMetadataOptions): ResourceMetadata {
  const { identifiers } = options;
  const url = (value: string | undefined) => value && parseEndpointUrl(value, identifiers).href;
  const endpoint = (value: string | undefined) => {
    if (value?.includes('?')) throw new IdentifierError(`"${value}" has a query; an endpoint URL has none.`);
    return url(value);
  };
  const members = {
    issuer: options.identifier,
    access_mode: options.access,
    accept_signature_algs: signatureAlgorithms,
    jwks_uri: endpoint(options.jwksUri),
    authorization_endpoint: endpoint(options.authorizationEndpoint),
    revocation_endpoint: endpoint(options.revocationEndpoint),
    scope_descriptions: options.scopeDescriptions,
    signature_window: options.signatureWindow,
    additional_signature_components: options.additionalSignatureComponents,
    name: options.name,
    description: options.description,
    logo_uri: url(options.logoUri),
    logo_dark_uri: url(options.logoDarkUri),
    documentation_uri: url(options.documentationUri),
    tos_uri: url(options.tosUri),
    policy_uri: url(options.policyUri),
  };
  return members;
}
