import { AAuthError, PeerError } from '@aauth-stack/aauth/errors';

export interface A2ACallErrorOptions {
  /** HTTP status of the answer, where there was one. */
  status?: number;
  cause?: unknown;
}

/**
 * A call to an agent failed. `code` is the AAuth error code of a refusal (`denied`, `invalid_signature`, …), `http_<status>`
 * for another HTTP error, `rpc_<code>` for a JSON-RPC error, `task_failed`, `unreachable`, `interrupted`, `timeout` or `invalid_response`.
 * The message is fit for a person: it has the status, the code and what the peer said.
 */
export class A2ACallError extends Error {
  override readonly name = 'A2ACallError';
  readonly code: string;
  readonly status: number | undefined;
  /** What the peer said, or what happened. */
  readonly detail: string;

  constructor(code: string, detail: string, { status, cause }: A2ACallErrorOptions = {}) {
    super(`${status === undefined ? '' : `HTTP ${status} `}${code}: ${detail}`, { cause });
    this.code = code;
    this.status = status;
    this.detail = detail;
  }
}

/** Gives whatever a call threw one shape. */
export function toCallError(error: unknown): A2ACallError {
  if (error instanceof A2ACallError) return error;
  if (error instanceof AAuthError) {
    // Only a PeerError has the status of an answer; the others happened on this side.
    const status = error instanceof PeerError ? error.status : undefined;
    return new A2ACallError(error.code, error.message, { status, cause: error });
  }
  if (isTimeout(error)) return new A2ACallError('timeout', 'The agent did not answer in time.', { cause: error });
  if (error instanceof TypeError) return new A2ACallError('unreachable', reasonOf(error), { cause: error });
  const rpcCode = rpcErrorCode(error);
  if (rpcCode !== undefined) return new A2ACallError(`rpc_${rpcCode}`, reasonOf(error), { cause: error });
  return new A2ACallError('invalid_response', reasonOf(error), { cause: error });
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

// `fetch failed` says nothing; the reason (ECONNREFUSED, ENOTFOUND …) is in the cause.
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  // Of an attempt at several addresses, the message is empty and the code is there.
  const reason = cause.message || ('code' in cause && cause.code);
  return reason ? `${error.message}: ${reason}` : error.message;
}

function rpcErrorCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('envelopeCode' in error && typeof error.envelopeCode === 'number') return error.envelopeCode;
  return error.cause === undefined ? undefined : rpcErrorCode(error.cause);
}
