import type { Attributes } from '@opentelemetry/api';
import { withoutTokens } from './without-tokens.ts';

/** Looks a header up by its lower-case name; several lines of one name are a list. */
export type HeaderLookup = (name: string) => string | readonly string[] | number | undefined;

/**
 * The headers that spans carry, under OpenTelemetry's names: those that the protocol is made of. `signature`, `authorization`,
 * `aauth-access` and cookies are secrets and none of them; nor is what the proxy proves itself with, or hands a service a token in.
 */
const requestHeaders = [
  'signature-key',
  'signature-input',
  'content-type',
  'content-digest',
  'aauth-capabilities',
  'prefer',
  'origin',
  'x-aauth-level',
  'x-aauth-scheme',
  'x-aauth-token-type',
  'x-aauth-jkt',
  'x-aauth-agent',
  'x-aauth-agent-server',
  'x-aauth-delegate',
  'x-aauth-scope',
  'x-aauth-person-server',
  'x-aauth-sub',
] as const;

const responseHeaders = [
  'content-type',
  'aauth-requirement',
  'signature-error',
  'accept-signature-scheme',
  'accept-signature-alg',
  'location',
  'retry-after',
] as const;

/** Attributes of a request: its protocol headers, without the signature part of any token. */
export function requestHeaderAttributes(header: HeaderLookup): Attributes {
  return headerAttributes('http.request.header', requestHeaders, header);
}

/** Attributes of a response: its protocol headers, without the signature part of any token and without the person's code. */
export function responseHeaderAttributes(header: HeaderLookup): Attributes {
  return headerAttributes('http.response.header', responseHeaders, header);
}

function headerAttributes(prefix: string, names: readonly string[], header: HeaderLookup): Attributes {
  const attributes: Attributes = {};
  for (const name of names) {
    const value = header(name);
    if (value === undefined || value === '') continue;
    const values = typeof value === 'object' ? value : [String(value)];
    attributes[`${prefix}.${name}`] = values.map((one) => withoutSecrets(withoutTokens(one)));
  }
  return attributes;
}

/** Query parameters whose values are secrets of a person or an agent. */
export const secretParameters = ['code', 'token', 'access_token', 'secret'];

const secretInUrl = new RegExp(`([?&](?:${secretParameters.join('|')})=)[^&\\s"#]+`, 'g');

// Whoever has the code can claim the question that is for the person.
const interactionCode = /(;\s*code=)"[^"]*"/g;

function withoutSecrets(text: string): string {
  return text.replace(secretInUrl, '$1REDACTED').replace(interactionCode, '$1"REDACTED"');
}
