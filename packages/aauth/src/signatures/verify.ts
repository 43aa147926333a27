import { isInnerList } from 'structured-headers';
import type { Clock } from '../clock.ts';
import { SignatureError } from '../errors.ts';
import { sha256 } from '../keys/sha256.ts';
import type { KeyBackend, VerificationKey } from '../keys/types.ts';
import { isPending, type MaybePromise } from '../maybe-promise.ts';
import { baseComponents, bodyComponents, ComponentError } from './components.ts';
import { parseContentDigest } from './content-digest.ts';
import { signatureBase } from './signature-base.ts';
import { invalidInput, parseSignatureInput, type SignatureInput } from './signature-input.ts';
import { parseSignatureKey } from './signature-key.ts';
import { bytesOfOnlyMember, parseSignatureDictionary, quoted } from './structured-field.ts';
import {
  type HttpMessage,
  type ResolvedKey,
  type SchemeResolver,
  type SchemeTable,
  type SignatureKeyMember,
  signatureKeySchemes,
  type VerifiedSignature,
} from './types.ts';

const defaultWindow = 60;
const encoder = new TextEncoder();
const noBody = new Uint8Array();

/** What a signature must be like to hold here. */
export interface VerifyMessageOptions<Token> {
  /** The schemes that are accepted, and how each finds the key. */
  readonly schemes: SchemeTable<Token>;
  /**
   * Components to require beside `@method @authority @path signature-key`. `content-type` and `content-digest` are required only
   * of a message that has a body; `authorization` always is when the message carries it.
   */
  readonly requiredComponents?: readonly string[];
  /** How old, and how far ahead, `created` may be, in seconds. Default 60. */
  readonly window?: number;
  readonly now: Clock;
  /** Where the digest of the body is computed; WebCrypto by default. */
  readonly keys?: Pick<KeyBackend, 'sha256'>;
  /**
   * The body as received; absent means that the message has none. A covered `content-digest` is compared with it. `deferred`: a
   * body follows, and the caller compares it with `contentDigest` of the result.
   */
  readonly body?: Uint8Array | 'deferred';
  /** Requires that a body is covered by `content-type` and `content-digest`, as at every endpoint of a PS, an AS and an AP. */
  readonly requireBodyCoverage?: boolean;
}

/**
 * Verifies the signature of a request (RFC 9421 §3.2; AAuth Protocol, "Verification"): the label `sig`, or the only one. The order
 * of the checks decides the error: headers present and well-formed → covered components → `created` and `expires` → scheme → key or
 * token → signature → `content-digest`.
 *
 * Does not decide whether the sender may do anything, does not look for replays (`ReplayCache`), and does not compare the
 * body with its digest when that is not covered.
 *
 * @param message the request as received
 * @param options the schemes that are accepted, and what has to be covered
 * @returns who signed, what is covered, and the signature base
 * @throws SignatureError `invalid_signature` for a missing, malformed, outdated or wrong signature and for a body with another
 * digest; `invalid_input` with `required_input`; `clock_skew` when `created` is ahead; `unsupported_scheme` with
 * `Accept-Signature-Scheme`; and whatever the scheme's resolver throws
 */
export async function verifyMessage<Token = unknown>(
  message: HttpMessage,
  options: VerifyMessageOptions<Token>,
): Promise<VerifiedSignature<Token>> {
  const { schemes, window = defaultWindow, now, body } = options;
  const inputField = presentField(message, 'signature-input');
  const signatureField = presentField(message, 'signature');
  const keyField = presentField(message, 'signature-key');

  const hasBody = body === 'deferred' || (body !== undefined && body.length > 0);
  const required = requiredComponents(message, options, hasBody);
  const input = parseSignatureInput(inputField, required);
  const signature = parseSignature(signatureField, input.label);
  checkCoverage(input, required);
  const base = receivedBase(message, input, required);
  const created = checkTimes(input, now(), window);

  const member = parseSignatureKey(keyField, input.label);
  const resolving = schemeResolver(schemes, member)(member);
  const resolved = isPending(resolving) ? await resolving : resolving;
  const verifying = verifyingKey(resolved, signature, encoder.encode(base));
  const key = isPending(verifying) ? await verifying : verifying;

  const contentDigest = coveredDigest(message, input);
  const bodyVerified = contentDigest !== undefined && body !== 'deferred';
  if (bodyVerified) await checkDigest(contentDigest, body ?? noBody, options.keys ?? { sha256 });
  return {
    label: input.label,
    key,
    jkt: key.thumbprint,
    publicJwk: key.publicJwk,
    identity: resolved.identity,
    components: input.components,
    created,
    expires: input.expires,
    base,
    signature,
    contentDigest,
    hasBody,
    bodyVerified,
  };
}

function presentField(message: HttpMessage, name: string): string {
  const value = message.headers.get(name);
  if (value) return value;
  throw new SignatureError('invalid_signature', `The request has no ${name} header.`);
}

function requiredComponents<Token>(
  message: HttpMessage,
  { requiredComponents: additional = [], requireBodyCoverage = false }: VerifyMessageOptions<Token>,
  hasBody: boolean,
): readonly string[] {
  const applicable = hasBody ? additional : additional.filter((name) => !bodyComponents.includes(name));
  const body = hasBody && requireBodyCoverage ? bodyComponents : [];
  const credential = message.headers.get('authorization') === null ? [] : ['authorization'];
  if (applicable.length + body.length + credential.length === 0) return baseComponents;
  return [...new Set([...baseComponents, ...applicable, ...body, ...credential])];
}

/**
 * Parses `Signature` and takes the bytes of one label (RFC 9421 §4.2).
 *
 * @param header the field value, repeated lines joined with `, `
 * @param label the one that `Signature-Input` was read for
 * @returns the signature, whatever its length
 * @throws SignatureError `invalid_signature` when the header is malformed, repeats a key or has no byte sequence of that label
 */
export function parseSignature(header: string, label: string): Uint8Array {
  return bytesOfOnlyMember(header, label) ?? parseAnySignature(header, label);
}

/** {@link parseSignature} for every form of the header. */
export function parseAnySignature(header: string, label: string): Uint8Array {
  const member = parseSignatureDictionary('Signature', header).get(label);
  if (!member) throw new SignatureError('invalid_signature', `The Signature header has no member ${quoted(label)}.`);
  const value = isInnerList(member) ? undefined : member[0];
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new SignatureError('invalid_signature', `The member ${quoted(label)} of Signature is not a byte sequence.`);
}

function checkCoverage({ components }: SignatureInput, required: readonly string[]): void {
  const missing = required.filter((name) => !components.includes(name));
  if (missing.length > 0) throw invalidInput(`The signature does not cover ${missing.join(', ')}.`, required);
}

function receivedBase(message: HttpMessage, input: SignatureInput, required: readonly string[]): string {
  try {
    return signatureBase(message, input.components, input.signatureParams);
  } catch (error) {
    if (!(error instanceof ComponentError)) throw error;
    const detail = `Cannot verify: ${error.message}.`;
    if (error.reason === 'malformed') throw new SignatureError('invalid_signature', detail, { cause: error });
    throw invalidInput(detail, required, error);
  }
}

function checkTimes({ created, expires }: SignatureInput, now: number, window: number): number {
  if (created === undefined) throw new SignatureError('invalid_signature', 'The signature has no "created".');
  const age = now - created;
  const cause = { created, expires, now, window };
  if (age > window) {
    throw new SignatureError('invalid_signature', `The signature is ${age.toFixed()} s old; ${window} s are allowed.`, {
      cause,
    });
  }
  if (-age > window) {
    throw new SignatureError('clock_skew', `"created" is ${(-age).toFixed()} s ahead; ${window} s are allowed.`, {
      cause,
    });
  }
  if (expires !== undefined && expires <= now) {
    throw new SignatureError('invalid_signature', 'The signature has expired.', { cause });
  }
  return created;
}

function schemeResolver<Token>(schemes: SchemeTable<Token>, { scheme }: SignatureKeyMember): SchemeResolver<Token> {
  const name = signatureKeySchemes.find((known) => known === scheme);
  const resolver = name && schemes[name];
  if (resolver) return resolver;
  const accepted = Object.keys(schemes);
  throw new SignatureError(
    'unsupported_scheme',
    `The scheme ${quoted(scheme)} is not accepted here: ${accepted.join(', ')} are.`,
    {
      acceptedSchemes: accepted,
    },
  );
}

function verifyingKey(resolved: ResolvedKey, signature: Uint8Array, base: Uint8Array): MaybePromise<VerificationKey> {
  const holds = resolved.key.verify(signature, base);
  return holds === true ? resolved.key : verifyingKeyLater(resolved, holds, signature, base);
}

async function verifyingKeyLater(
  resolved: ResolvedKey,
  holds: MaybePromise<boolean>,
  signature: Uint8Array,
  base: Uint8Array,
): Promise<VerificationKey> {
  if (await holds) return resolved.key;
  const newer = await resolved.keyAfterFailure?.();
  if (newer && (await newer.verify(signature, base))) return newer;
  throw new SignatureError('invalid_signature', 'The signature does not verify with the key that Signature-Key names.');
}

function coveredDigest(message: HttpMessage, { components }: SignatureInput): Uint8Array | undefined {
  if (!components.includes('content-digest')) return undefined;
  return parseContentDigest(presentField(message, 'content-digest'));
}

async function checkDigest(
  expected: Uint8Array,
  body: Uint8Array,
  { sha256 }: Pick<KeyBackend, 'sha256'>,
): Promise<void> {
  const received = await sha256(body);
  if (expected.every((byte, index) => byte === received[index])) return;
  throw new SignatureError('invalid_signature', 'The body is not the one that Content-Digest was computed over.');
}
