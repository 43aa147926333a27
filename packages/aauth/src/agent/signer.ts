import type { Clock } from '../clock.ts';
import { PeerError } from '../errors.ts';
import type { SigningKey } from '../keys/types.ts';
import type { SignatureKeyValue } from '../signatures/types.ts';

/** Why credentials are asked for again. */
export interface Refusal {
  /** The token that was presented. */
  readonly token: string;
  /** After `revoked_jwt` the token must never be presented again. */
  readonly code: 'expired_jwt' | 'revoked_jwt';
}

/** The key that signs a request, and the `Signature-Key` that says whose it is. */
export interface Signer {
  readonly key: SigningKey;
  readonly signatureKey: SignatureKeyValue;
  /** The token in `signatureKey`, where it has one that can expire or be revoked. */
  readonly token?: string;
}

/** What the source of a signer may want to know. */
interface SignerRequest {
  /** The time by the server's clock, as far as it is known: for tokens made on the spot. */
  readonly now: Clock;
  readonly refused?: Refusal;
}

/** Produces the signer for one request. */
export type SignerSource = (request: SignerRequest) => Promise<Signer>;

const maxRevoked = 256;

/**
 * Wraps a source so that a token which any server called revoked is never presented again: the source is asked for another, and
 * if it has none the request fails.
 *
 * @throws PeerError `revoked_jwt` from the source returned
 */
export function withoutRevoked(source: SignerSource): SignerSource {
  const revoked = new Set<string>();
  return async (request) => {
    if (request.refused?.code === 'revoked_jwt') remember(revoked, request.refused.token);
    const signer = await source(request);
    if (signer.token === undefined || !revoked.has(signer.token)) return signer;
    const other = await source({ ...request, refused: { token: signer.token, code: 'revoked_jwt' } });
    if (other.token === undefined || !revoked.has(other.token)) return other;
    throw new PeerError('revoked_jwt', 401, 'The token was refused as revoked; there is no other to present.');
  };
}

/** Settles like `promise`, or rejects with the signal's reason as soon as it is aborted. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function remember(revoked: Set<string>, token: string): void {
  revoked.add(token);
  const [oldest] = revoked;
  if (revoked.size > maxRevoked && oldest !== undefined) revoked.delete(oldest);
}
