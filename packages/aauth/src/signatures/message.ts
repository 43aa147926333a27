import type { HttpMessage } from './types.ts';

/**
 * The parts of a Fetch `Request` that a signature covers. Fetch has normalised the URL already: dot segments are resolved and
 * some characters percent-encoded, so where a peer may send such a path use the raw request target instead (`httpMessageFromNode`).
 * RFC 9421 §2.2. Never throws.
 *
 * @param request not read: its body is left alone
 * @param options.authority what `@authority` is for the world outside, if this process sits behind something that changes
 * `Host`; default: the host of the URL, without the scheme's default port
 * @returns what a signature can cover of it
 */
export function messageFromRequest(request: Request, { authority }: { readonly authority?: string } = {}): HttpMessage {
  const { host, pathname, search } = new URL(request.url);
  return {
    method: request.method,
    authority: authority?.toLowerCase() ?? host,
    path: pathname,
    query: search,
    headers: request.headers,
  };
}
