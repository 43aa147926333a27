import { serializeString } from 'structured-headers';
import { toBase64 } from '../base64url.ts';
import { baseComponents, bodyComponents, ComponentError } from './components.ts';
import { contentDigest } from './content-digest.ts';
import { signatureBase } from './signature-base.ts';
import type { HeaderFields, HttpMessage, SignatureHeaders, SignOptions } from './types.ts';

const label = 'sig';
const encoder = new TextEncoder();

/**
 * Signs a request (RFC 9421 §3.1; AAuth Protocol, "HTTP Message Signatures Profile") under the label `sig`. Covers `@method`,
 * `@authority`, `@path`, `signature-key`, what `options.additionalComponents` names, the body if it is given (`content-digest`, and
 * `content-type` if the message has one) and `authorization` whenever the message carries it. `content-type` and `content-digest`
 * among the additional components are left out if the message has no such field, so that what a resource requires can be
 * passed on for any request. Never writes the parameters `alg` and `keyid`.
 *
 * @param message with every field that is to be covered; the fields returned replace those of the same name
 * @param options the key, what is said of it, and what is covered
 * @returns the fields to add to the request
 * @throws TypeError when a component is unknown, absent or not printable ASCII, or a time is not in whole seconds
 */
export async function signMessage(message: HttpMessage, options: SignOptions): Promise<SignatureHeaders> {
  const signatureKey = `${label}=${options.signatureKey.value}`;
  const digest = options.body && (await contentDigest(options.body, options.keys));
  const signed = withFields(message, { 'signature-key': signatureKey, ...(digest && { 'content-digest': digest }) });
  const components = componentsToCover(signed.headers, options);
  const signatureParams = formatSignatureParams(components, options);
  const signature = await options.key.sign(encoder.encode(baseToSign(signed, components, signatureParams)));
  return {
    'signature-key': signatureKey,
    'signature-input': `${label}=${signatureParams}`,
    signature: `${label}=:${toBase64(signature)}:`,
    ...(digest && { 'content-digest': digest }),
  };
}

function withFields(message: HttpMessage, fields: Readonly<Record<string, string>>): HttpMessage {
  const { method, authority, path, query, headers } = message;
  return { method, authority, path, query, headers: { get: (name) => fields[name] ?? headers.get(name) } };
}

function componentsToCover(headers: HeaderFields, { additionalComponents = [], body }: SignOptions): string[] {
  const ifPresent = [...(body ? bodyComponents : []), 'authorization'].filter((name) => headers.get(name) !== null);
  const additional = additionalComponents.filter(
    (name) => !bodyComponents.includes(name) || headers.get(name) !== null,
  );
  return [...new Set([...baseComponents, ...additional, ...ifPresent])];
}

function formatSignatureParams(components: readonly string[], { created, expires, nonce }: SignOptions): string {
  if (!isInteger(created) || (expires !== undefined && !isInteger(expires))) {
    throw new TypeError(`created (${created}) and expires (${expires}) are whole seconds since the epoch.`);
  }
  const expiry = expires === undefined ? '' : `;expires=${expires}`;
  const sameness = nonce === undefined ? '' : `;nonce=${serializeString(nonce)}`;
  return `(${components.map(serializeString).join(' ')});created=${created}${expiry}${sameness}`;
}

function baseToSign(message: HttpMessage, components: readonly string[], signatureParams: string): string {
  try {
    return signatureBase(message, components, signatureParams);
  } catch (cause) {
    if (cause instanceof ComponentError) throw new TypeError(`Cannot sign: ${cause.message}.`, { cause });
    throw cause;
  }
}

/** Whether a number can stand in a structured field as an integer (RFC 9651 §3.3.1). */
function isInteger(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) <= 999_999_999_999_999;
}
