import { isForwardedHeader } from '@aauth-stack/aauth/resource';
import { endToEnd, hopByHop, isMisleading, signatureHeaders, spelledPlainly } from '../checks/misleading-fields.ts';

const traceHeaders = new Set(['traceparent', 'tracestate', 'baggage']);
const noOptions: ReadonlySet<string> = new Set();
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
  // Made for the first field that is not spelled plainly, and most requests have none.
  let spelled: ReadonlySet<string> | undefined;
  const names = {
    has: (name: string) => {
      spelled ??= namesIn(rawHeaders);
      return spelled.has(name);
    },
  };
  const headers = ['host', options.host];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const canonical = name.toLowerCase();
    if (isMisleading(canonical, names) || isEndingHere(canonical) || dropped.has(canonical)) continue;
    if (options.stripSignature && signatureHeaders.has(canonical)) continue;
    if (options.replaceTrace && traceHeaders.has(canonical)) continue;
    if (options.replaceEncoding && canonical === 'accept-encoding') continue;
    if (options.contentLength !== undefined && canonical === 'content-length') continue;
    headers.push(name, rawHeaders[at + 1] ?? '');
  }
  if (options.replaceEncoding) headers.push('accept-encoding', 'identity');
  if (options.contentLength !== undefined) headers.push('content-length', String(options.contentLength));
  if (options.clientAddress) headers.push('x-forwarded-for', options.clientAddress);
  headers.push('x-forwarded-host', options.authority, 'x-forwarded-proto', 'http');
  for (const [name, value] of Object.entries(options.verified)) headers.push(name, value);
  return headers;
}

function namesIn(rawHeaders: readonly string[]): ReadonlySet<string> {
  return new Set(rawHeaders.filter((_name, at) => at % 2 === 0).map((name) => name.toLowerCase()));
}

/** Whether a field ends at this gateway, or is one in which only this gateway may speak. */
function isEndingHere(canonical: string): boolean {
  if (canonical === 'host' || hopByHop.has(canonical)) return true;
  return isForwardedHeader(canonical) || forwardedFor.test(spelledPlainly(canonical));
}

/**
 * The headers of the backend's response that concern the client. None of this gateway's statements comes back, so that a
 * backend that echoes its request does not give the secret away.
 */
export function responseHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | string[]> {
  const dropped = optionsIn([headers.connection ?? []].flat());
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || hopByHop.has(name) || dropped.has(name) || isForwardedHeader(name)) continue;
    kept[name] = value;
  }
  return kept;
}

/** What `Connection` names ends here, except what belongs to the message itself. */
function connectionOptions(rawHeaders: readonly string[]): ReadonlySet<string> {
  return optionsIn(
    rawHeaders.filter((_value, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'connection'),
  );
}

function optionsIn(connection: readonly string[]): ReadonlySet<string> {
  if (connection.length === 0) return noOptions;
  const names = new Set(connection.flatMap((value) => value.split(',').map((option) => option.trim().toLowerCase())));
  return names.difference(endToEnd);
}
