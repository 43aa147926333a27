import { RequestError } from '@aauth-stack/aauth/errors';

/** Where a request goes, in the bytes that came: what is signed, routed and forwarded is the same text. */
export interface RequestTarget {
  /** From the `Host` header, lower case. */
  readonly authority: string;
  /** {@link authority} without its port. */
  readonly host: string;
  readonly path: string;
  /** With its leading `?`, or empty. */
  readonly query: string;
}

const hostPattern = /^([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/;
// RFC 3986 §3.3, §3.4: pchar and "/"; a query also has "?". Brackets are not in it, but browsers send them in queries.
const pathPattern = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*$/;
const queryPattern = /^\?[A-Za-z0-9\-._~!$&'()*+,;=:@%/?[\]^`{|}"\\<>]*$/;
const unreserved = /^[A-Za-z0-9\-._~]$/;
const dotSegment = /\/\.{1,2}(?:;[^/]*)?(?:\/|$)/;

/**
 * Reads the target of a request and refuses every spelling of which another server could read something else: then what a
 * rule or a route decided about would not be what the service behind does.
 *
 * @param url the request target as it stands in the request line
 * @param rawHeaders names and values in turn, as received
 * @throws RequestError 400 `invalid_request`
 */
export function parseRequestTarget(url: string, rawHeaders: readonly string[]): RequestTarget {
  const authority = parseHost(rawHeaders);
  const target = originForm(url, authority);
  const queryStart = target.indexOf('?');
  const path = queryStart < 0 ? target : target.slice(0, queryStart);
  const query = queryStart < 0 ? '' : target.slice(queryStart);
  checkPath(path);
  if (query && !queryPattern.test(query)) throw refusal('The query has a character that a query cannot have.');
  checkEscapes(query, 'query');
  return { authority, host: withoutPort(authority), path, query };
}

function withoutPort(authority: string): string {
  return authority.replace(/:\d+$/, '');
}

function parseHost(rawHeaders: readonly string[]): string {
  const hosts = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'host');
  const [host, ...others] = hosts;
  if (host === undefined) throw refusal('The request has no Host header.');
  if (others.length > 0) throw refusal('The request has more than one Host header.');
  const authority = host.toLowerCase();
  if (!hostPattern.test(authority)) throw refusal('The Host header is not a host with an optional port.');
  // An address may be written in many ways, of which one is the name that a URL has for it.
  if (URL.parse(`http://${authority}`)?.hostname !== withoutPort(authority)) {
    throw refusal('The Host header is not a host as URLs have it.');
  }
  return authority;
}

function originForm(url: string, authority: string): string {
  if (url.startsWith('/')) return url;
  const [, absoluteAuthority, rest] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(url) ?? [];
  if (absoluteAuthority === undefined || rest === undefined) {
    throw refusal('The request target is neither a path nor an absolute http URL.');
  }
  if (absoluteAuthority.toLowerCase() !== authority) {
    throw refusal('The request target names another host than the Host header.');
  }
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function checkPath(path: string): void {
  if (!pathPattern.test(path)) throw refusal('The path has a character that a path cannot have.');
  if (path.includes('//')) throw refusal('The path has an empty segment (//).');
  checkEscapes(path, 'path');
  if (dotSegment.test(path)) throw refusal('The path has a "." or ".." segment.');
  if (!path.includes('%')) return;
  for (const [written, character] of escapes(path)) {
    if (unreserved.test(character)) throw refusal(`The path writes "${character}" as ${written}; send it as it is.`);
    if (character === '/' || character === '\\' || character === '\0') {
      throw refusal(`The path contains ${written}, which servers read differently.`);
    }
  }
}

function checkEscapes(text: string, part: string): void {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) throw refusal(`The ${part} has a "%" that is not followed by two hex digits.`);
}

function* escapes(text: string): Generator<[written: string, character: string]> {
  for (const [written] of text.matchAll(/%[0-9A-Fa-f]{2}/g)) {
    yield [written, String.fromCharCode(Number.parseInt(written.slice(1), 16))];
  }
}

function refusal(detail: string): RequestError {
  return new RequestError('invalid_request', detail);
}
