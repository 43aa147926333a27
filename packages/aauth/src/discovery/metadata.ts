import { IdentifierError, SignatureError } from '../errors.ts';
import { type IdentifierPolicy, parseEndpointUrl, type ServerIdentifier } from '../identifiers.ts';
import type { MetadataDocument } from '../tokens/types.ts';
import { readJsonDocument, unusable } from './json-document.ts';
import type { EgressResponse, ServerMetadata } from './types.ts';

/** Where a server publishes a metadata document (AAuth Protocol, "Metadata Documents"). */
export function metadataUrl(issuer: ServerIdentifier, dwk: MetadataDocument): URL {
  return new URL(`${issuer}/.well-known/${dwk}`);
}

/**
 * Judges a metadata document: its `issuer` is, byte for byte, the one whose document was asked for. Otherwise whoever hosts a
 * document could lend another issuer's name to their own keys. Other members are passed on as they are.
 *
 * @throws SignatureError `issuer_missing` | `issuer_mismatch`
 * @throws UnavailableError when it is no JSON object
 */
export function readMetadata(issuer: ServerIdentifier, url: URL, response: EgressResponse): ServerMetadata {
  const document = readJsonDocument(url, response);
  if (document.issuer === undefined) {
    throw new SignatureError('issuer_missing', `${url.href} does not say whose metadata it is: it has no issuer.`);
  }
  if (document.issuer !== issuer) {
    throw new SignatureError('issuer_mismatch', `${url.href} is the metadata of another issuer than ${issuer}.`, {
      cause: { expected: issuer, received: document.issuer },
    });
  }
  return {
    ...document,
    issuer,
    jwks_uri: text(document.jwks_uri),
    name: text(document.name),
    description: text(document.description),
  };
}

/**
 * The URL of the key set that metadata names, on the issuer's own host: only a pin may place it elsewhere (egress admission).
 *
 * @throws SignatureError `unknown_key` when the server publishes no keys
 * @throws UnavailableError when the URL is not acceptable
 */
export function jwksUrl(metadata: ServerMetadata, identifiers: IdentifierPolicy): URL {
  if (metadata.jwks_uri === undefined) {
    throw new SignatureError('unknown_key', `${metadata.issuer} publishes no keys: its metadata has no jwks_uri.`);
  }
  const issuer = new URL(metadata.issuer);
  const url = parseJwksUri(metadata.jwks_uri, issuer, identifiers);
  if (url.host !== issuer.host) {
    throw unusable(issuer, `names a jwks_uri on another host, ${url.host}, which is not configured here`);
  }
  return url;
}

function parseJwksUri(value: string, issuer: URL, identifiers: IdentifierPolicy): URL {
  try {
    return parseEndpointUrl(value, identifiers);
  } catch (error) {
    if (!(error instanceof IdentifierError)) throw error;
    throw unusable(issuer, 'names a jwks_uri that is refused', error);
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
