import { fromBase64url, toBase64url } from '../base64url.ts';
import { SignatureError } from '../errors.ts';
import { type SignatureAlgorithm, type SigningKey, signatureAlgorithms } from '../keys/types.ts';

/** Longest compact JWT that is looked at, in characters. Tokens travel in headers, so a longer one never arrives whole. */
const maxCompactLength = 16_384;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A JWT taken apart once: everything that checking it needs, nothing of it verified. */
export interface ParsedJwt<Type extends string = string> {
  readonly compact: string;
  readonly type: Type;
  readonly alg: SignatureAlgorithm;
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** The bytes that are signed: header and payload as sent (RFC 7515 §5.2). */
  readonly signingInput: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Takes a compact JWS apart: three strict base64url parts, JSON objects, at most 16,384 characters. The header's `typ` is
 * checked before anything else in it and `alg` before the payload is looked at. Does not check the signature or any claim.
 *
 * @param compact the token
 * @param types the values of `typ` that are acceptable, compared byte for byte
 * @throws {@link SignatureError} `invalid_jwt` when it is no such JWT, has another `typ`, `alg` `none`, or critical extensions
 *   (RFC 7515 §4.1.11); `unsupported_algorithm` when `alg` is anything but a fully specified algorithm of ours (RFC 9864)
 */
export function parseJwt<Type extends string>(compact: string, types: readonly Type[]): ParsedJwt<Type> {
  if (compact.length > maxCompactLength) {
    throw new SignatureError(
      'invalid_jwt',
      `The JWT has ${compact.length} characters; at most ${maxCompactLength} are read.`,
    );
  }
  const parts = compact.split('.');
  const [encodedHeader, encodedClaims, encodedSignature] = parts;
  if (parts.length !== 3 || !encodedHeader || !encodedClaims || encodedSignature === undefined) {
    throw new SignatureError('invalid_jwt', 'The JWT is not a compact JWS of three parts.');
  }
  const header = parsePart(encodedHeader, 'header');
  const type = parseType(header, types);
  const alg = parseAlgorithm(header);
  if (header.crit !== undefined) {
    throw new SignatureError('invalid_jwt', 'The JWT has critical extensions; none is known here.');
  }
  const claims = parsePart(encodedClaims, 'payload');
  const signature = fromBase64url(encodedSignature);
  if (!signature) throw new SignatureError('invalid_jwt', 'The signature of the JWT is not base64url.');
  const signingInput = encoder.encode(compact.slice(0, compact.lastIndexOf('.')));
  return { compact, type, alg, header, claims, signingInput, signature };
}

/**
 * Signs a JWT. The header is `alg` and `typ`, with `kid` where the key has one, and what `header` adds.
 *
 * @returns the compact serialisation (RFC 7515 §7.1)
 */
export async function signJwt(
  type: string,
  claims: Readonly<Record<string, unknown>>,
  key: SigningKey,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const protectedHeader = { alg: key.alg, typ: type, kid: key.kid, ...header };
  const signingInput = `${encodePart(protectedHeader)}.${encodePart(claims)}`;
  const signature = await key.sign(encoder.encode(signingInput));
  return `${signingInput}.${toBase64url(signature)}`;
}

/** A token's header and claims as they stand, for people to look at. Nothing about them is verified. */
export interface DecodedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * Decodes a token for a user interface or a trace. Does NOT verify anything: never decide on the result.
 * RFC 7515 §7.1. Never throws.
 *
 * @param compact anything that may be a token
 * @returns `undefined` when it is not a compact JWS with JSON in it
 */
export function decodeTokenForDisplay(compact: string): DecodedToken | undefined {
  const [encodedHeader = '', encodedClaims = ''] = compact.split('.');
  const header = parseJsonObject(encodedHeader);
  const claims = parseJsonObject(encodedClaims);
  return header && claims ? { header, claims } : undefined;
}

function parseType<Type extends string>(header: Readonly<Record<string, unknown>>, types: readonly Type[]): Type {
  const type = types.find((accepted) => accepted === header.typ);
  if (type !== undefined) return type;
  throw new SignatureError(
    'invalid_jwt',
    `The JWT is of typ ${show(header.typ)}; accepted here: ${types.join(', ')}.`,
    {
      cause: { expected: types, received: header.typ },
    },
  );
}

function parseAlgorithm(header: Readonly<Record<string, unknown>>): SignatureAlgorithm {
  const alg = signatureAlgorithms.find((name) => name === header.alg);
  if (alg) return alg;
  const detail = `The JWT is signed with alg ${show(header.alg)}; accepted here: ${signatureAlgorithms.join(', ')}.`;
  const cause = { expected: signatureAlgorithms, received: header.alg };
  if (header.alg === 'none') throw new SignatureError('invalid_jwt', detail, { cause });
  throw new SignatureError('unsupported_algorithm', detail, { cause, acceptedAlgorithms: signatureAlgorithms });
}

function parsePart(encoded: string, name: string): Readonly<Record<string, unknown>> {
  const part = parseJsonObject(encoded);
  if (!part) throw new SignatureError('invalid_jwt', `The ${name} of the JWT is not a base64url-encoded JSON object.`);
  return part;
}

function parseJsonObject(encoded: string): Readonly<Record<string, unknown>> | undefined {
  const bytes = fromBase64url(encoded);
  if (!bytes) return undefined;
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a JSON value is an object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function encodePart(value: Readonly<Record<string, unknown>>): string {
  return toBase64url(encoder.encode(JSON.stringify(value)));
}

// What a peer sent goes into a detail only in short form: details are logged.
function show(value: unknown): string {
  return typeof value === 'string' ? `"${value.slice(0, 64)}"` : value === undefined ? '(absent)' : `a ${typeof value}`;
}
