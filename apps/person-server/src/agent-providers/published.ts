import type { Discovery, EgressFetch, ServerMetadata } from '@aauth-stack/aauth/discovery';
import { AAuthError, RequestError, SignatureError, UnavailableError } from '@aauth-stack/aauth/errors';
import { type IdentifierPolicy, parseEndpointUrl, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { metadataDocuments } from '@aauth-stack/aauth/tokens';
import { jwksFingerprint } from './jwks-fingerprint.ts';

/** What an agent provider publishes of itself. */
export interface Published {
  readonly metadata: ServerMetadata;
  /** Undefined when none of its keys is one that we could use. */
  readonly fingerprint: string | undefined;
}

export interface PublishedOptions {
  discovery: Discovery;
  egress: EgressFetch;
  identifiers: IdentifierPolicy;
}

/** What a provider publishes; undefined when it does not answer, or makes no sense. */
export async function publishedBy(issuer: ServerIdentifier, options: PublishedOptions): Promise<Published | undefined> {
  try {
    return await readPublished(issuer, options);
  } catch (error) {
    if (error instanceof AAuthError) return undefined;
    throw error;
  }
}

/**
 * Looks whether a server is an agent provider whose tokens could be verified.
 *
 * @throws RequestError 400 when its metadata or its keys are not those of one; 502 `provider_unreachable` when one of them cannot be read
 */
export async function probeProvider(issuer: ServerIdentifier, options: PublishedOptions): Promise<Published> {
  try {
    const published = await readPublished(issuer, options);
    if (published.fingerprint !== undefined) return published;
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    throw new RequestError('invalid_request', `${issuer} is no agent provider. ${error.message}`, { cause: error });
  }
  throw new RequestError('invalid_request', `${issuer} publishes no key that its agent tokens could be verified with.`);
}

async function readPublished(issuer: ServerIdentifier, options: PublishedOptions): Promise<Published> {
  const { discovery, egress, identifiers } = options;
  const metadata = await reach(`The metadata of ${issuer}`, () =>
    discovery.metadata(issuer, metadataDocuments.agentProvider),
  );
  const url = parseEndpointUrl(metadata.jwks_uri, identifiers);
  // Elsewhere they would not be taken for its keys.
  if (url.host !== new URL(issuer).host) {
    throw new RequestError('invalid_request', `The keys of ${issuer} are on another host, ${url.host}.`);
  }
  const { body } = await reach(`The keys of ${issuer}`, () =>
    egress(url, { accept: 'application/jwk-set+json, application/json' }),
  );
  return { metadata, fingerprint: await jwksFingerprint(body) };
}

async function reach<T>(what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof UnavailableError)) throw cause;
    throw new RequestError('provider_unreachable', `${what} cannot be read. ${cause.message}`, { status: 502, cause });
  }
}
