/**
 * The one error hierarchy of the protocol. Every class says which codes it carries; `problem.ts` is the only place
 * that turns them into an HTTP response. Mistakes of the calling program are plain `TypeError`s and never end up here.
 */

/** What an error may add to the problem+json body beside `type`, `status`, `error` and `detail`. */
export type ProblemMembers = Readonly<Record<string, unknown>>;

/** What every error of the protocol is made from. */
export interface AAuthErrorOptions {
  /** HTTP status of the response that reports this error. */
  status: number;
  /** What went wrong, with the offending value and what to do about it. Leaves the process. */
  detail: string;
  /** Evidence for logs (`expected`, `received`, an underlying error). Never leaves the process. */
  cause?: unknown;
  /** Response headers that belong to the error, lower-case names. */
  headers?: Readonly<Record<string, string>>;
  /** Additional members of the problem body. */
  members?: ProblemMembers;
}

/** Base of every refusal and failure that the protocol names. */
export abstract class AAuthError extends Error {
  abstract override readonly name: string;
  readonly code: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly members: ProblemMembers;

  constructor(code: string, options: AAuthErrorOptions) {
    super(options.detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status;
    this.headers = options.headers ?? {};
    this.members = options.members ?? {};
  }

  /** Problem type URI (RFC 9457 §3.1.1). */
  get type(): string {
    return 'about:blank';
  }
}

/** The codes of `Signature-Error` (Signature-Key, "Error codes"). */
export const signatureErrorCodes = [
  'invalid_signature',
  'invalid_input',
  'unsupported_scheme',
  'unsupported_algorithm',
  'invalid_key',
  'unknown_key',
  'issuer_missing',
  'issuer_mismatch',
  'invalid_jwt',
  'expired_jwt',
  'revoked_jwt',
  'clock_skew',
  'invalid_request',
] as const;

/** A code of `Signature-Error`. */
export type SignatureErrorCode = (typeof signatureErrorCodes)[number];

/** What a signature error may carry beside its code: evidence, and what its companion headers say. */
export interface SignatureErrorOptions {
  cause?: unknown;
  /** With `invalid_input`: every component the verifier requires, as `required_input`. */
  requiredInput?: readonly string[];
  /** With `unsupported_scheme`: what the verifier accepts. */
  acceptedSchemes?: readonly string[];
  /** With `unsupported_algorithm`: what the verifier accepts. */
  acceptedAlgorithms?: readonly string[];
}

/**
 * A request signature, or the token that carries its key, does not hold: 401 with `Signature-Error` and, where the code
 * has one, its companion header (Signature-Key, "Signature-Error").
 */
export class SignatureError extends AAuthError {
  override readonly name = 'SignatureError';
  declare readonly code: SignatureErrorCode;

  constructor(code: SignatureErrorCode, detail: string, options: SignatureErrorOptions = {}) {
    super(code, { status: 401, detail, cause: options.cause, headers: signatureErrorHeaders(code, options) });
  }

  override get type(): string {
    return `urn:ietf:params:sig-error:${this.code}`;
  }
}

function signatureErrorHeaders(code: SignatureErrorCode, options: SignatureErrorOptions): Record<string, string> {
  const headers: Record<string, string> = { 'signature-error': `error=${code}` };
  if (options.requiredInput) {
    const components = options.requiredInput.map((component) => `"${component}"`).join(' ');
    headers['signature-error'] = `error=${code}, required_input=(${components})`;
  }
  if (options.acceptedSchemes) headers['accept-signature-scheme'] = options.acceptedSchemes.join(', ');
  if (options.acceptedAlgorithms) headers['accept-signature-alg'] = options.acceptedAlgorithms.join(', ');
  return headers;
}

/**
 * The sender is who it says, and that is not enough here: 401 with `AAuth-Requirement` and without any signature header. The
 * header, which may hold a resource token, is the response's and not part of this error: errors are logged.
 */
export class RequirementError extends AAuthError {
  override readonly name = 'RequirementError';

  constructor(code: 'person_token_required' | 'auth_token_required' | 'insufficient_scope', detail: string) {
    super(code, { status: 401, detail });
  }
}

/** The request itself is wrong: 400 `invalid_request`, or another 4xx code that an endpoint defines. */
export class RequestError extends AAuthError {
  override readonly name = 'RequestError';

  constructor(
    code: string,
    detail: string,
    options: { status?: number; cause?: unknown; members?: ProblemMembers } = {},
  ) {
    super(code, { status: options.status ?? 400, detail, cause: options.cause, members: options.members });
  }
}

/** The parameters of a token endpoint that hold a token, by how their errors are named (AAuth Protocol, "Token Endpoint Error Codes"). */
export type BodyTokenKind = 'resource' | 'presented' | 'upstream' | 'subagent';

/** A code for a token in the body of a request (AAuth Protocol, "Token Endpoint Error Codes"). */
export type TokenRequestErrorCode = `${'invalid' | 'expired' | 'revoked'}_${BodyTokenKind}_token` | 'clock_skew';

/** A token in the body of a request to a token endpoint does not hold: 400 (AAuth Protocol, "Token Endpoint Error Codes"). */
export class TokenRequestError extends AAuthError {
  override readonly name = 'TokenRequestError';
  declare readonly code: TokenRequestErrorCode;

  constructor(code: TokenRequestErrorCode, detail: string, cause?: unknown) {
    super(code, { status: 400, detail, cause });
  }
}

/** Too many requests of one sender: 429 with `Retry-After`. */
export class RateLimitError extends AAuthError {
  override readonly name = 'RateLimitError';
  /** Seconds. */
  readonly retryAfter: number;

  constructor(code: 'rate_limited' | 'slow_down', detail: string, retryAfter: number) {
    super(code, { status: 429, detail, headers: { 'retry-after': String(retryAfter) } });
    this.retryAfter = retryAfter;
  }
}

/** An identifier or URL that the protocol does not allow: 400 `invalid_request`. */
export class IdentifierError extends AAuthError {
  override readonly name = 'IdentifierError';

  constructor(detail: string, cause?: unknown) {
    super('invalid_request', { status: 400, detail, cause });
  }
}

/** Policy refuses a request whose signature holds: 403 without any signature header. */
export class PolicyError extends AAuthError {
  override readonly name = 'PolicyError';

  constructor(code: 'denied' | 'user_unreachable' | 'unsupported_iss', detail: string, cause?: unknown) {
    super(code, { status: 403, detail, cause });
  }
}

/**
 * A peer that had to be asked (metadata, JWKS, another server) cannot be reached or answers nonsense:
 * 503 `temporarily_unavailable` with `Retry-After`. It is nobody's signature error.
 */
export class UnavailableError extends AAuthError {
  override readonly name = 'UnavailableError';
  /** Seconds. */
  readonly retryAfter: number;

  constructor(detail: string, options: { retryAfter?: number; cause?: unknown } = {}) {
    const retryAfter = options.retryAfter ?? 5;
    super('temporarily_unavailable', {
      status: 503,
      detail,
      cause: options.cause,
      headers: { 'retry-after': String(retryAfter) },
    });
    this.retryAfter = retryAfter;
  }
}

/** How a deferred response can end without a result (AAuth Protocol, "Deferred responses"). */
export const deferredOutcomes = {
  denied: 403,
  abandoned: 403,
  revoked: 403,
  expired: 408,
  invalid_code: 410,
  gone: 410,
  server_error: 500,
  as_unreachable: 502,
} as const;

/** The code of a pending request that ended without a result (AAuth Protocol, "Polling Error Codes"). */
export type DeferredOutcome = keyof typeof deferredOutcomes;

/** The terminal outcome of a pending request, on either side of the wire. */
export class DeferredError extends AAuthError {
  override readonly name = 'DeferredError';
  declare readonly code: DeferredOutcome;

  constructor(code: DeferredOutcome, detail: string, cause?: unknown) {
    super(code, { status: deferredOutcomes[code], detail, cause });
  }
}

/** A peer answered an AAuth request with an error: what it said, on the agent's side. */
export class PeerError extends AAuthError {
  override readonly name = 'PeerError';

  constructor(
    code: string,
    status: number,
    detail: string,
    options: { cause?: unknown; members?: ProblemMembers } = {},
  ) {
    super(code, { status, detail, cause: options.cause, members: options.members });
  }
}
