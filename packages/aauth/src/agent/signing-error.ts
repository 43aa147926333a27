/**
 * A request could not be signed, so it was not sent: the key does not work, or a component that must be covered cannot be. The
 * `cause` has the reason. A class of its own, because a `TypeError` out of a `fetch` means that the network failed.
 */
export class SigningError extends Error {
  override readonly name = 'SigningError';

  constructor(method: string, url: URL, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`${method} ${url.origin}${url.pathname} was not sent, because it could not be signed: ${reason}`, { cause });
  }
}
