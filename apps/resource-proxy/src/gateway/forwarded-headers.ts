import { isForwardedHeader } from '@aauth-stack/aauth/resource';

/** RFC 9110 §7.6.1, and those that proxies take for themselves. */
const hopByHop = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const signatureHeaders = new Set(['signature', 'signature-input', 'signature-key']);

/** Fields that frame, address or authenticate the message: no client takes them away by naming them in `Connection`. */
const endToEnd = new Set([
  ...signatureHeaders,
  'authorization',
  'content-digest',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'host',
]);

/** With these some services act on another method or path than the one that was signed, routed and decided about. */
const overrides = new Set([
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-rewrite-url',
]);

const traceHeaders = new Set(['traceparent', 'tracestate', 'baggage']);
const plainName = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
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
    if (isLookalike(canonical, names) || overrides.has(spelledPlainly(canonical))) continue;
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

/** Some servers make `_` of every `-` (CGI, WSGI), so that they could take one field for another. */
function spelledPlainly(canonical: string): string {
  return canonical.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
}

/** Whether a field could be taken for another one: one that the request has, or one that frames or authenticates it. */
function isLookalike(canonical: string, names: ReadonlySet<string>): boolean {
  if (plainName.test(canonical)) return false;
  const plain = spelledPlainly(canonical);
  return names.has(plain) || endToEnd.has(plain) || hopByHop.has(plain);
}

function* pairs(rawHeaders: readonly string[]): Generator<[name: string, value: string]> {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    yield [rawHeaders[index] ?? '', rawHeaders[index + 1] ?? ''];
  }
}
