import { isInnerList, serializeItem, Token } from 'structured-headers';
import { SignatureError } from '../errors.ts';
import { requiredMembers } from '../keys/thumbprint.ts';
import type { PublicJwk } from '../keys/types.ts';
import { parseSignatureDictionary, quoted } from './structured-field.ts';
import type { SignatureKeyMember, SignatureKeyScheme, SignatureKeyValue } from './types.ts';

// One member with one string parameter, as every request with a token has it. The general parser goes through a token of a
// thousand characters one by one, which takes a good part of the time that the signature itself does.
const onlyMember = /^([a-z*][a-z0-9_.*-]*)=([A-Za-z*][!#-'*+.^-z|~:/0-9A-Z-]*);([a-z*][a-z0-9_.*-]*)="([ !#-[\]-~]*)"$/;

/**
 * `jwt;jwt="…"`: the key is in the `cnf.jwk` of a token (Signature-Key, "JWT Confirmation Key").
 *
 * @param token compact serialisation
 * @returns for `signatureKey` of {@link SignOptions}
 * @throws TypeError for text that cannot stand in a header
 */
export function jwtSignatureKey(token: string): SignatureKeyValue {
  return signatureKeyValue('jwt', { jwt: token });
}

/**
 * `jwks_uri;id="…";dwk="…";kid="…"`: the key is published by a server (Signature-Key, "JWKS URI Discovery").
 *
 * @param options.id server identifier
 * @param options.dwk name of its metadata document under `/.well-known/`
 * @param options.kid the key in its JWKS
 * @returns for `signatureKey` of {@link SignOptions}
 * @throws TypeError for text that cannot stand in a header
 */
export function jwksUriSignatureKey({ id, dwk, kid }: { id: string; dwk: string; kid: string }): SignatureKeyValue {
  return signatureKeyValue('jwks_uri', { id, dwk, kid });
}

/**
 * `jkt-jwt;jwt="…"`: a stable key vouches for the key that signs (Signature-Key, "JKT JWT").
 *
 * @param jwt made by `createJktJwt`
 * @returns for `signatureKey` of {@link SignOptions}
 * @throws TypeError for text that cannot stand in a header
 */
export function jktJwtSignatureKey(jwt: string): SignatureKeyValue {
  return signatureKeyValue('jkt-jwt', { jwt });
}

/**
 * `hwk;kty="…";crv="…";x="…";alg="…"`: the key itself, and nothing about its owner (Signature-Key, "Header Web Key").
 * Never throws.
 *
 * @param jwk the public half of the key that signs; its `kid` is left out
 * @returns for `signatureKey` of {@link SignOptions}
 */
export function hwkSignatureKey(jwk: PublicJwk): SignatureKeyValue {
  const { kty, crv, x, ...rest } = requiredMembers(jwk);
  return signatureKeyValue('hwk', { kty, crv, x, ...rest, alg: jwk.alg });
}

/**
 * Parses `Signature-Key` and takes the member of one label (Signature-Key, "Label Correlation"). Parameters are strings; one
 * of another type counts as absent. Does not check that the scheme is known nor what it requires.
 *
 * @param header the field value, repeated lines joined with `, `
 * @param label of the signature, from `Signature-Input`
 * @returns its scheme and parameters, nothing of it verified
 * @throws SignatureError `invalid_signature` when the header is malformed, repeats a key or has no such member
 */
export function parseSignatureKey(header: string, label: string): SignatureKeyMember {
  const [, only, scheme = '', name = '', text = ''] = onlyMember.exec(header) ?? [];
  return only === label ? { label, scheme, parameters: new Map([[name, text]]) } : parseMember(header, label);
}

/** {@link parseSignatureKey} for every form of the header. */
export function parseMember(header: string, label: string): SignatureKeyMember {
  const member = parseSignatureDictionary('Signature-Key', header).get(label);
  if (!member)
    throw new SignatureError('invalid_signature', `The Signature-Key header has no member ${quoted(label)}.`);
  if (isInnerList(member) || !(member[0] instanceof Token)) {
    throw new SignatureError(
      'invalid_signature',
      `The member ${quoted(label)} of Signature-Key does not name a scheme.`,
    );
  }
  const parameters = new Map<string, string>();
  for (const [name, value] of member[1]) if (typeof value === 'string') parameters.set(name, value);
  return { label, scheme: member[0].toString(), parameters };
}

function signatureKeyValue(
  scheme: SignatureKeyScheme,
  parameters: Record<string, string | undefined>,
): SignatureKeyValue {
  const present = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  try {
    return { scheme, value: serializeItem(new Token(scheme), new Map(present)) };
  } catch (cause) {
    throw new TypeError(`A parameter of the ${scheme} scheme has characters that cannot stand in a header.`, { cause });
  }
}
