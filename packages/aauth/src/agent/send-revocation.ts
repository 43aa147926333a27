import type { Clock } from '../clock.ts';
import type { Discovery } from '../discovery/types.ts';
import { AAuthError, IdentifierError } from '../errors.ts';
import { type IdentifierPolicy, parseEndpointUrl, type ServerIdentifier } from '../identifiers.ts';
import { isNetworkFailure } from '../network-failure.ts';
import type { MetadataDocument } from '../tokens/types.ts';
import { type RevocationOutcome, readRevocationAnswer, readRevocationPoll } from './revocation-answer.ts';

/** One token that one server is to refuse from now on. */
export interface RevocationNotice {
  readonly recipient: ServerIdentifier;
  /** The metadata document in which the recipient names its `revocation_endpoint`. */
  readonly dwk: MetadataDocument;
  readonly jti: string;
  /** When the token expires, in seconds since the epoch. */
  readonly exp: number;
  /** Where an earlier attempt was told to ask on. */
  readonly pendingUrl?: string | null;
}

/** How the server that revokes signs, and how it reaches recipients. */
export interface RevocationSenderOptions {
  /**
   * Signs as the issuer of the tokens ({@link createServerFetch}). What the recipient's metadata names is where it sends to, so it
   * should admit no other address than `createAdmittedFetch` of `@aauth-stack/aauth/node` does.
   */
  readonly fetch: typeof globalThis.fetch;
  readonly discovery: Discovery;
  readonly identifiers: IdentifierPolicy;
  readonly now: Clock;
  /** Seconds until an answer must be there, metadata not counted. Default 5. */
  readonly timeout?: number;
}

/**
 * Tries once. Rejects with the signal's reason when that is aborted, and with what is neither the recipient's nor the network's
 * doing, such as a {@link SigningError}.
 */
export type SendRevocation = (notice: RevocationNotice, signal?: AbortSignal) => Promise<RevocationOutcome>;

/**
 * Makes the sender of revocations (AAuth Protocol, "Token Revocation"): `POST {jti, exp}` to the endpoint that the
 * recipient's metadata names, or a poll where it has answered 202 before. Sending one twice is harmless.
 *
 * Does NOT try again, and does NOT remember what is still to be sent: keep the notices in the transaction that revokes the token,
 * and try until `exp`.
 * Making one never throws.
 *
 * @param options how the server that revokes signs, and how it reaches recipients
 * @returns what sends one notice once
 */
export function createRevocationSender(options: RevocationSenderOptions): SendRevocation {
  const { fetch, discovery, identifiers, now, timeout = 5 } = options;

  async function findEndpoint({ recipient, dwk }: RevocationNotice): Promise<URL | undefined> {
    const { revocation_endpoint: value } = await discovery.metadata(recipient, dwk);
    const url = parseEndpoint(value, identifiers);
    return url?.search === '' ? url : undefined;
  }

  async function attempt(notice: RevocationNotice, signal: AbortSignal | undefined): Promise<RevocationOutcome> {
    const { dwk, jti, exp, pendingUrl } = notice;
    const limited = () => AbortSignal.any([...(signal ? [signal] : []), AbortSignal.timeout(timeout * 1000)]);
    if (typeof pendingUrl === 'string') {
      const url = new URL(pendingUrl);
      return readRevocationPoll(await fetch(url, { signal: limited() }), url, now);
    }
    const endpoint = await findEndpoint(notice);
    if (!endpoint) return { state: 'unsupported', error: `its ${dwk} names no revocation_endpoint that can be used` };
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jti, exp }),
      signal: limited(),
    };
    return readRevocationAnswer(await fetch(endpoint, request), endpoint, now);
  }

  return async function sendRevocation(notice, signal) {
    try {
      return await attempt(notice, signal);
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof AAuthError) return { state: 'failed', error: cause.message, cause };
      if (isNetworkFailure(cause)) return { state: 'failed', error: 'it cannot be reached', cause };
      throw cause;
    }
  };
}

function parseEndpoint(value: unknown, identifiers: IdentifierPolicy): URL | undefined {
  try {
    return parseEndpointUrl(value, identifiers);
  } catch (error) {
    if (error instanceof IdentifierError) return undefined;
    throw error;
  }
}
