import { is32Bytes } from '../base64url.ts';
import { SignatureError } from '../errors.ts';
import { isSmallOrder } from './small-order.ts';
import { type PrivateJwk, type PublicJwk, type SignatureAlgorithm, signatureAlgorithms } from './types.ts';

type Members = Readonly<Record<string, unknown>>;

const keyTypes = {
  Ed25519: { kty: 'OKP', crv: 'Ed25519' },
  ES256: { kty: 'EC', crv: 'P-256' },
} as const satisfies Record<SignatureAlgorithm, { kty: string; crv: string }>;

// Members that only private and symmetric keys have (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/**
 * Parses a public key (RFC 7517) that verifies signatures: a fully specified `alg` (RFC 9864), `kty` and `crv` that agree
 * with it and coordinates of the right length in canonical base64url. Keeps `kid` and `use`, drops members it does not know.
 * Does not check that an ES256 point lies on the curve: making a verification key of it does.
 *
 * @param value a parsed JSON value from anywhere
 * @returns the key with its `alg`, and its `kid` and `use` where it has them
 * @throws SignatureError `unsupported_algorithm` when `alg` is absent, polymorphic (`EdDSA`), symmetric, `none` or unknown;
 * `invalid_key` for everything else, private members included
 */
export function parsePublicJwk(value: unknown): PublicJwk {
  const members = jwkMembers(value);
  const alg = parseAlgorithm(members.alg);
  const secret = secretMembers.find((name) => name in members);
  if (secret) throw new SignatureError('invalid_key', `The JWK carries "${secret}": it is not a public key.`);
  return publicMembers(members, alg);
}

/**
 * Parses a private key: a public one as {@link parsePublicJwk} has it, with `d`. Does not check that `d` belongs to the
 * public half: making a signing key of it does.
 * RFC 7517, RFC 8037 §2.
 *
 * @param value a parsed JSON value from anywhere
 * @returns the key with `d`: never log it
 * @throws SignatureError `unsupported_algorithm` | `invalid_key`; the message never contains `d`
 */
export function parsePrivateJwk(value: unknown): PrivateJwk {
  const members = jwkMembers(value);
  const jwk = publicMembers(members, parseAlgorithm(members.alg));
  return { ...jwk, d: coordinate(members, 'd', 'private') };
}

/**
 * The public half of a key, without `d`.
 * RFC 7517 §4.
 *
 * @param jwk a key that has been parsed, private or public
 * @returns a copy with the known members
 * @throws SignatureError `invalid_key` for a key that no parser made
 */
export function toPublicJwk(jwk: PublicJwk | PrivateJwk): PublicJwk {
  return publicMembers({ ...jwk }, jwk.alg);
}

/**
 * Parses the name of an algorithm that signs or verifies something here.
 * RFC 9864; AAuth Protocol, "Signature Algorithms".
 *
 * @param value `alg` of a JWK, or anything
 * @returns one of the fully specified algorithms
 * @throws SignatureError `unsupported_algorithm` with `Accept-Signature-Alg`
 */
export function parseAlgorithm(value: unknown): SignatureAlgorithm {
  const alg = signatureAlgorithms.find((name) => name === value);
  if (alg) return alg;
  const received = typeof value === 'string' ? `alg "${value}"` : 'a key without a fully specified alg';
  throw new SignatureError(
    'unsupported_algorithm',
    `Accepted are ${signatureAlgorithms.join(' and ')}, not ${received}.`,
    {
      acceptedAlgorithms: signatureAlgorithms,
    },
  );
}

function jwkMembers(value: unknown): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SignatureError('invalid_key', 'A JWK is a JSON object.');
  }
  return { ...value };
}

function publicMembers(members: Members, alg: SignatureAlgorithm): PublicJwk {
  const { kty, crv } = keyTypes[alg];
  if (members.kty !== kty || members.crv !== crv) {
    throw new SignatureError('invalid_key', `A key with alg "${alg}" has kty "${kty}" and crv "${crv}".`, {
      cause: { received: { kty: members.kty, crv: members.crv } },
    });
  }
  const common = commonMembers(members);
  const x = coordinate(members, 'x', 'public');
  if (alg === 'ES256') return { kty: 'EC', crv: 'P-256', alg, x, y: coordinate(members, 'y', 'public'), ...common };
  if (isSmallOrder(x))
    throw new SignatureError('invalid_key', 'The Ed25519 point has a small order: it proves nothing.');
  return { kty: 'OKP', crv: 'Ed25519', alg, x, ...common };
}

function commonMembers({ kid, use }: Members): { kid?: string; use?: 'sig' } {
  if (kid !== undefined && (typeof kid !== 'string' || kid === '')) {
    throw new SignatureError('invalid_key', 'The kid of a JWK is a string that is not empty.');
  }
  if (use !== undefined && use !== 'sig') {
    throw new SignatureError('invalid_key', 'The JWK is for another use than "sig".', { cause: { received: use } });
  }
  return { ...(kid !== undefined && { kid }), ...(use && { use }) };
}

function coordinate(members: Members, name: 'x' | 'y' | 'd', half: 'public' | 'private'): string {
  const value = members[name];
  if (is32Bytes(value)) return value;
  throw new SignatureError('invalid_key', `"${name}" of a ${half} key is 32 bytes in canonical base64url.`);
}
