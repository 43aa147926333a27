import { ComponentError, componentValue } from '../signatures/components.ts';
import { contentDigest } from '../signatures/content-digest.ts';
import type { HttpMessage } from '../signatures/types.ts';

/** A request that can be sent more than once. */
export interface BufferedRequest {
  readonly url: URL;
  readonly message: HttpMessage;
  readonly headers: Headers;
  /** Absent when there is no body or it is empty. */
  readonly body: Uint8Array<ArrayBuffer> | undefined;
  readonly redirect: Request['redirect'];
  readonly signal: AbortSignal;
  /** What `signal` belongs to: it follows the caller's only as long as the `Request` objects in between are not collected. */
  readonly sources: readonly unknown[];
}

/**
 * Turns what `fetch` takes into a request whose body is in memory and whose `Content-Digest` is set, so that it can be covered
 * and sent again.
 *
 * @throws TypeError what `new Request` says about an invalid URL, method or header
 */
export async function bufferRequest(input: string | URL | Request, init?: RequestInit): Promise<BufferedRequest> {
  const request = new Request(input, { duplex: 'half', ...init });
  const url = new URL(request.url);
  const headers = new Headers(request.headers);
  const bytes = new Uint8Array(await request.arrayBuffer());
  const body = bytes.byteLength > 0 ? bytes : undefined;
  if (body) headers.set('content-digest', await contentDigest(body));
  const { method, redirect } = request;
  const signal = init?.signal ?? request.signal;
  const message = { method, authority: url.host, path: url.pathname, query: url.search, headers };
  return { url, message, headers, body, redirect, signal, sources: [input, init, request] };
}

/** Whether a signature of the request can cover a component: it is a known one, and the request has it. */
export function hasComponent({ message }: BufferedRequest, component: string): boolean {
  try {
    return componentValue(message, component) !== undefined;
  } catch (error) {
    if (error instanceof ComponentError) return false;
    throw error;
  }
}
