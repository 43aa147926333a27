import { ComponentError, componentValue } from './components.ts';
import { quoted } from './structured-field.ts';
import type { HttpMessage } from './types.ts';

/**
 * The signature base (RFC 9421 §2.5): one line a covered component, then `@signature-params`.
 *
 * @param message the request, with the fields that are covered
 * @param components names in the order in which they are covered
 * @param signatureParams the inner list with its parameters, serialised
 * @returns the text that is signed; it holds the whole `Signature-Key`, so redact it before it leaves the process
 * @throws ComponentError for a component that is unknown, absent, or has no printable ASCII value
 */
export function signatureBase(message: HttpMessage, components: readonly string[], signatureParams: string): string {
  let base = '';
  for (const name of components) {
    const value = componentValue(message, name);
    if (value === undefined) throw new ComponentError('absent', `the message has no ${quoted(name)} to cover`);
    base += `"${name}": ${value}\n`;
  }
  return `${base}"@signature-params": ${signatureParams}`;
}

// From the start of a word only: from each place in a long one it would take quadratic time.
const jwtLike = /(?<![\w-])(e[wy][\w-]*\.[\w-]+)\.[\w-]+/g;
const quotedJwt = /("[\w-]*\.[\w-]*)\.[\w-]*"/g;
const credentialLine = /^("(?:authorization|proxy-authorization|cookie|aauth-access)": ).*$/gm;
const signatureKeyLine = /^"signature-key": .*$/m;

/**
 * A signature base fit for traces and logs: the signature part of each JWT is replaced by `…`, and so is the value of
 * every field that carries a credential. What remains shows what was signed and authenticates nobody.
 * RFC 9421 §7.5. Never throws.
 *
 * @param base from {@link signatureBase}, or `base` of a verified signature
 * @returns the text, safe to show
 */
export function redactSignatureBase(base: string): string {
  return base
    .replace(signatureKeyLine, (line) => line.replace(quotedJwt, '$1.…"'))
    .replace(credentialLine, '$1…')
    .replace(jwtLike, '$1.…');
}
