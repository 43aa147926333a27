import { jwkThumbprint, parsePublicJwk } from '@aauth-stack/aauth/keys';
import { nodeKeys } from '@aauth-stack/aauth/node';
import { decodeTokenForDisplay } from '@aauth-stack/aauth/tokens';
import { attribute, spanEvent } from '@aauth-stack/telemetry';
import { objectOf, textOf } from './attributes.ts';
import type { Token } from './flow.ts';
import type { Attributes, Span } from './span.ts';

type Found = Omit<Token, 'jkt'>;

/** The token that a `Signature-Key` header carries. Its signature part has been cut; nothing here verifies it. */
export function presentedToken(signatureKey: string | null): Found[] {
  return inHeader(signatureKey, /;jwt="([^"]+)"/, { role: 'presented', parameter: null });
}

/** The resource token of an `AAuth-Requirement` header. */
export function requiredToken(requirement: string | null): Found[] {
  return inHeader(requirement, /resource-token="([^"]+)"/, { role: 'requirement', parameter: null });
}

function inHeader(header: string | null, pattern: RegExp, place: Pick<Token, 'role' | 'parameter'>): Found[] {
  const compact = header === null ? undefined : pattern.exec(header)?.[1];
  const decoded = compact === undefined ? undefined : decodeTokenForDisplay(compact);
  return decoded ? [{ ...place, type: String(decoded.header.typ), ...decoded }] : [];
}

/** The tokens in the bodies of an exchange, of which the server told in events. */
export function bodyTokens(spans: readonly Span[]): Found[] {
  const found = spans.flatMap(({ events }) => events).flatMap(({ name, attributes }) => bodyToken(name, attributes));
  // A server may look at one token more than once.
  const distinct = new Map(found.map((token) => [`${token.role} ${token.parameter} ${token.claims.jti}`, token]));
  return [...distinct.values()];
}

function bodyToken(event: string, attributes: Attributes): Found[] {
  const type = textOf(attributes, attribute.tokenType);
  const claims = objectOf(attributes, attribute.tokenClaims);
  if (type === null || claims === null) return [];
  const token = { type, claims, header: objectOf(attributes, attribute.tokenHeader) ?? {} };
  if (event === spanEvent.token) {
    return [{ ...token, role: 'body', parameter: textOf(attributes, attribute.tokenParameter) }];
  }
  if (event !== spanEvent.exchange) return [];
  const result = textOf(attributes, attribute.result);
  if (result === 'requested') return [{ ...token, role: 'body', parameter: 'resource_token' }];
  return result === 'issued' ? [{ ...token, role: 'issued', parameter: null }] : [];
}

/** Adds the thumbprint of the key that a token is bound to. */
export async function withKey(token: Found): Promise<Token> {
  const { cnf, agent_jkt: named } = token.claims;
  const jwk = typeof cnf === 'object' && cnf !== null && 'jwk' in cnf ? cnf.jwk : undefined;
  return { ...token, jkt: jwk === undefined ? (typeof named === 'string' ? named : null) : await thumbprintOf(jwk) };
}

async function thumbprintOf(jwk: unknown): Promise<string | null> {
  try {
    return await jwkThumbprint(parsePublicJwk(jwk), nodeKeys);
  } catch {
    // A token that was refused may hold anything.
    return null;
  }
}
