import { RequestError } from '@aauth-stack/aauth/errors';
import type { HttpMessage } from '@aauth-stack/aauth/signatures';
import { authorityOf } from './authority.ts';
import type { HttpAttributes } from './wire/check-request.ts';

/** A request at another gateway, as far as a signature can cover it. */
export interface CheckedRequest {
  readonly message: HttpMessage;
  readonly headers: Readonly<Record<string, string>>;
  /** `deferred`: there is a body, and the gateway sent none of it, or not all. */
  readonly body: Uint8Array | 'deferred' | undefined;
  /** Whether the service behind may read a body. */
  readonly mayHaveBody: boolean;
}

/** Envoy sends at most 60 KiB of headers unless it is configured otherwise. */
const maxHeaderBytes = 64 * 1024;

const methodPattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const targetPattern = /^\/[\x21\x22\x24-\x7e]*$/;

/**
 * Reads what a gateway says about a request. How paths are written is left to that gateway, which has routed by them: what
 * it sends here is what it forwards.
 *
 * @throws RequestError 400 `invalid_request`, 431 `headers_too_large`
 */
export function readCheckedRequest(http: HttpAttributes): CheckedRequest {
  const { method, headers } = http;
  if (http.headerBytes > maxHeaderBytes) {
    const detail = `The headers of the request take more than ${maxHeaderBytes / 1024} KiB.`;
    throw new RequestError('headers_too_large', detail, { status: 431 });
  }
  if (!methodPattern.test(method)) throw new RequestError('invalid_request', 'The check names no HTTP method.');
  const target = http.query === '' || http.path.includes('?') ? http.path : `${http.path}?${http.query}`;
  if (!targetPattern.test(target)) {
    throw new RequestError('invalid_request', 'The path of the check is not one that a request line can have.');
  }
  const queryStart = target.indexOf('?');
  return {
    message: {
      method,
      authority: authorityOf(http),
      path: queryStart < 0 ? target : target.slice(0, queryStart),
      query: queryStart < 0 ? '' : target.slice(queryStart),
      headers: { get: (name) => headers.get(name.toLowerCase()) ?? null },
    },
    headers: Object.fromEntries(headers),
    ...bodyOf(http),
  };
}

/** Whether there is a body, and whether all of it is here (Envoy: `with_request_body`). */
function bodyOf({ headers, protocol, body, size }: HttpAttributes): Pick<CheckedRequest, 'body' | 'mayHaveBody'> {
  const length = headers.get('content-length');
  if (body?.length) {
    // Some gateways pass this header on from clients, so it counts only where the gateway knows of more than it sends.
    const isCut = size === -1n || (headers.get('x-envoy-auth-partial-body') === 'true' && size > body.length);
    return { body: isCut ? 'deferred' : body, mayHaveBody: true };
  }
  const isAnnounced = headers.has('transfer-encoding') || (length !== undefined && length !== '0');
  if (isAnnounced) return { body: 'deferred', mayHaveBody: true };
  // From HTTP/2 on, a body needs no announcement. Whether one follows is then what the signer says.
  const mayHaveBody = length === undefined && !protocol.startsWith('HTTP/1');
  return { body: mayHaveBody && headers.has('content-digest') ? 'deferred' : undefined, mayHaveBody };
}
