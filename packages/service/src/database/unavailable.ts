const connectionErrors = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
]);

/**
 * Class 08: connection exception. 57P01–57P03: shut down, crashed, starting. Class 53: no disk, no memory, no connection left.
 * 58030: the disk cannot be read or written.
 */
const connectionStates = /^(08\w{3}|57P0[123]|53\w{3}|58030)$/;

/**
 * Whether a query failed because the database could not be reached or is going away, rather than because of the query.
 * Such a request may be tried again: 503 with `Retry-After`.
 */
export function isUnavailable(error: unknown): boolean {
  const code = databaseErrorCode(error);
  return code !== undefined && (connectionErrors.has(code) || connectionStates.test(code));
}

/** 22021: no character of the encoding, NUL among them. 22P05: the same inside JSON. 22P02: half of a surrogate pair there. */
const unstorableStates = new Set(['22021', '22P05', '22P02']);

/** Whether a query failed because PostgreSQL cannot hold a text in it, such as one with NUL: 400, the text is the client's. */
export function isUnstorableText(error: unknown): boolean {
  return unstorableStates.has(databaseErrorCode(error) ?? '');
}

/** The SQLSTATE or the connection error of a failed query, however deep it was wrapped. */
export function databaseErrorCode(error: unknown): string | undefined {
  for (let depth = 0, current = error; depth < 5 && current instanceof Error; depth++, current = current.cause) {
    if ('code' in current && typeof current.code === 'string') return current.code;
  }
  return undefined;
}
