import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { AAuthError, RequestError } from '../errors.ts';
import { toProblem } from '../problem.ts';
import type { CallRequirements } from '../resource/options.ts';
import { bodyBrokenOff, bodyTooLarge } from '../resource/request-body.ts';
import type { Resource } from '../resource/resource.ts';
import type { Principal, Verdict } from '../resource/types.ts';
import type { HttpMessage } from '../signatures/types.ts';

/**
 * The parts of a `node:http` request that a signature covers, as they came over the wire: the path is not normalised, and every
 * line of a repeated header counts (RFC 9421 §2.1, §2.2).
 *
 * @param req not read: its body is left alone
 * @param options.authority what `@authority` is for the world outside, if this process sits behind something that changes `Host`
 * @returns what a signature can cover of it
 * @throws RequestError `invalid_request` when the request target makes no sense
 */
export function httpMessageFromNode(req: IncomingMessage, options: { readonly authority?: string } = {}): HttpMessage {
  const target = parseTarget(req.url ?? '');
  const authority = options.authority ?? target.authority ?? req.headers.host ?? '';
  const { headersDistinct } = req;
  return {
    method: req.method ?? '',
    authority: withoutDefaultPort(authority.toLowerCase(), req.socket instanceof TLSSocket ? ':443' : ':80'),
    path: target.path,
    query: target.query,
    headers: { get: (name) => headersDistinct[name.toLowerCase()]?.join(', ') ?? null },
  };
}

/**
 * Reads the body of a `node:http` request whole.
 * RFC 9110 §6.4.
 *
 * @param req whose body nobody has read
 * @param options.maxBytes default 1 MiB
 * @returns `undefined` when there is none
 * @throws RequestError `invalid_request` with status 413 when it is longer, the rest of it is not read; with status 400 when the
 *   sender breaks off
 */
export async function readBody(
  req: IncomingMessage,
  options: { readonly maxBytes?: number } = {},
): Promise<Uint8Array | undefined> {
  const { maxBytes = 1024 * 1024 } = options;
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    // A refusal is still to be sent on this connection, so leaving the loop must not destroy it.
    for await (const chunk of req.iterator({ destroyOnReturn: false })) {
      length += chunk.byteLength;
      if (length > maxBytes) throw bodyTooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof RequestError ? error : bodyBrokenOff(error);
  }
  return length === 0 ? undefined : Buffer.concat(chunks);
}

/**
 * Verifies a `node:http` request, body included.
 * AAuth Protocol, "Verification". Throws what `resource.verify` throws, and makes refusals of the rest.
 *
 * @param resource judges the request
 * @param req whose body nobody has read
 * @param options.maxBytes longest body, in bytes. Default 1 MiB
 * @param options.requiredScopes scopes that this call needs
 * @returns the verdict, a refusal with status 413 or 400 where the request cannot even be read; and the body
 */
export async function verifyNodeRequest<P extends Principal>(
  resource: Resource<P>,
  req: IncomingMessage,
  options: { readonly maxBytes?: number } & CallRequirements = {},
): Promise<{ readonly verdict: Verdict<P>; readonly body: Uint8Array | undefined }> {
  try {
    const message = httpMessageFromNode(req);
    const body = await readBody(req, options);
    return { verdict: await resource.verify(message, body, options), body };
  } catch (error) {
    if (!(error instanceof AAuthError)) throw error;
    return { verdict: { ok: false, error, response: toProblem(error) }, body: undefined };
  }
}

// RFC 9112 §3.2: origin-form, absolute-form (which overrides Host) or asterisk-form.
function parseTarget(target: string): { authority?: string; path: string; query: string } {
  const match = /^(?:https?:\/\/([^/?#]+))?(\/[^?#]*|\*)?(\?[^#]*)?$/i.exec(target);
  if (!match || target === '') throw new RequestError('invalid_request', 'The request target is not one of HTTP.');
  const [, authority, path = '/', query = ''] = match;
  return { authority, path, query };
}

function withoutDefaultPort(authority: string, port: string): string {
  return authority.endsWith(port) ? authority.slice(0, -port.length) : authority;
}
