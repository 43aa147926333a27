import { isForwardedHeader } from '@aauth-stack/aauth/resource';
import { endToEnd, hopByHop, isMisleading, signatureHeaders, spelledPlainly } from '../checks/misleading-fields.ts';

const traceHeaders = new Set(['traceparent', 'tracestate', 'baggage']);
const forwardedFor = /^(?:forwarded|x-real-ip|x-forwarded-.*)$/;

export interface ForwardingOptions {
  /** `Host` for the backend. */
  readonly host: string;
  readonly clientAddress: string | undefined;
  /** What the client was routed by. */
  readonly authority: string;
  /** Drop the three signature headers. */
  readonly stripSignature: boolean;
  /** Drop the trace headers, because instrumentation writes those of the span it makes. */
  readonly replaceTrace: boolean;
  /** Ask for a body that is not compressed. */
  readonly replaceEncoding: boolean;
  /** The length of a body that has been read whole; undefined keeps the client's. */
  readonly contentLength: number | undefined;
  /** Statements of this gateway about the sender; empty on routes that are not protected. */
  readonly verified: Readonly<Record<string, string>>;
}

/**
 * The headers of the request to the backend: the client's, except those that end here and those in which only this
 * gateway may speak, whatever case or separators they are spelled with.
 *
 * @param rawHeaders names and values in turn, as received
 */
export function requestHeaders(rawHeaders: readonly string[], options: ForwardingOptions): string[] {
  const dropped = connectionOptions(rawHeaders);
  const names = new Set(Array.from(pairs(rawHeaders), ([name]) => name.toLowerCase()));
  const headers = ['host', options.host];
  for (const [name, value] of pairs(rawHeaders)) {
    const canonical = name.toLowerCase();
    if (isMisleading(canonical, names)) continue;
    if (canonical === 'host' || hopByHop.has(canonical) || dropped.has(canonical)) continue;
    if (isForwardedHeader(name) || forwardedFor.test(spelledPlainly(canonical))) continue;
    if (options.stripSignature && signatureHeaders.has(canonical)) continue;
    if (options.replaceTrace && traceHeaders.has(canonical)) continue;
    if (options.replaceEncoding && canonical === 'accept-encoding') continue;
    if (options.contentLength !== undefined && canonical === 'content-length') continue;
    headers.push(name, value);
  }
  if (options.replaceEncoding) headers.push('accept-encoding', 'identity');
  if (options.contentLength !== undefined) headers.push('content-length', String(options.contentLength));
  if (options.clientAddress) headers.push('x-forwarded-for', options.clientAddress);
  headers.push('x-forwarded-host', options.authority, 'x-forwarded-proto', 'http');
  for (const [name, value] of Object.entries(options.verified)) headers.push(name, value);
  return headers;
}

/**
 * The headers of the backend's response that concern the client. None of this gateway's statements comes back, so that a
 * backend that echoes its request does not give the secret away.
 */
export function responseHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | string[]> {
  const connection = [headers.connection ?? []].flat();
  const dropped = connectionOptions(connection.flatMap((value) => ['connection', value]));
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || hopByHop.has(name) || dropped.has(name) || isForwardedHeader(name)) continue;
    kept[name] = value;
  }
  return kept;
}

/** What `Connection` names ends here, except what belongs to the message itself. */
function connectionOptions(rawHeaders: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [name, value] of pairs(rawHeaders)) {
    if (name.toLowerCase() !== 'connection') continue;
    for (const option of value.split(',')) names.add(option.trim().toLowerCase());
  }
  return names.difference(endToEnd);
}

function* pairs(rawHeaders: readonly string[]): Generator<[name: string, value: string]> {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    yield [rawHeaders[index] ?? '', rawHeaders[index + 1] ?? ''];
  }
}
