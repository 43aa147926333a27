import type { IncomingMessage } from 'node:http';
import type { HttpMessage } from '@aauth-stack/aauth/signatures';
import type { RequestTarget } from '../routing/request-target.ts';

/** What a signature can cover of a request: its target as it came, and every header line, repeated ones joined. */
export function messageOf(request: IncomingMessage, { authority, path, query }: RequestTarget): HttpMessage {
  const fields = request.headersDistinct;
  return {
    method: request.method ?? '',
    // RFC 9421 §2.2.3: without the scheme's default port.
    authority: authority.replace(/:80$/, ''),
    path,
    query,
    headers: { get: (name) => fields[name.toLowerCase()]?.join(', ') ?? null },
  };
}

/** The header fields as one object, repeated lines joined. */
export function headerRecord(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values]) => [name, values?.join(', ') ?? '']),
  );
}

/**
 * The host by which a verified request goes on: the one that its signature covers, which is the one that it was sent to where the
 * resource goes by that name, else the resource's own. What else was in `Host`, such as another port, nobody has signed.
 *
 * @param names of the resource, its own first
 */
export function verifiedAuthority({ authority }: RequestTarget, names: readonly string[]): string {
  const sent = authority.replace(/:80$/, '');
  const own = names.map((name) => name.toLowerCase());
  return own.find((name) => name === sent) ?? own[0] ?? authority;
}
