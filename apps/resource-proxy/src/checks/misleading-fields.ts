/** RFC 9110 §7.6.1, and those that proxies take for themselves. */
export const hopByHop: ReadonlySet<string> = new Set([
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

export const signatureHeaders: ReadonlySet<string> = new Set(['signature', 'signature-input', 'signature-key']);

/** Fields that frame, address or authenticate the message: no client takes them away by naming them in `Connection`. */
export const endToEnd: ReadonlySet<string> = new Set([
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
export const overrides: ReadonlySet<string> = new Set([
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-rewrite-url',
]);

const plainName = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/**
 * Whether a service could take a field for something else than what was verified: for another field that the request has, for one
 * that frames or authenticates it, or for another method or path.
 *
 * @param canonical its name in lower case
 * @param names of all fields of the request, in lower case
 */
export function isMisleading(canonical: string, names: Pick<ReadonlySet<string>, 'has'>): boolean {
  const plain = spelledPlainly(canonical);
  if (overrides.has(plain)) return true;
  return plain !== canonical && (names.has(plain) || endToEnd.has(plain) || hopByHop.has(plain));
}

/** Some servers make `_` of every `-` (CGI, WSGI), so that they could take one field for another. */
export function spelledPlainly(canonical: string): string {
  if (plainName.test(canonical)) return canonical;
  return canonical.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
}
