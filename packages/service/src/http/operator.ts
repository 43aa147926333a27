import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';

export interface VerifyOperatorOptions {
  /** What the operator presents as a bearer token. Without one, nobody is admitted. */
  token: string | undefined;
  /** Makes what is thrown to whom no token would help: a 403. */
  denied: (detail: string) => Error;
  /** Makes what is thrown where the token is missing or wrong: a 401 with `WWW-Authenticate: Bearer`. */
  unauthorized: (detail: string) => Error;
}

/** Hono middleware: admits who runs this service, from this machine, with the operator token. */
export function verifyOperator({ token, denied, unauthorized }: VerifyOperatorOptions): MiddlewareHandler {
  return async function verifyOperator(c, next) {
    if (token === undefined) throw denied('The operator API is off: AAUTH_OPERATOR_TOKEN is not set.');
    if (!isLoopbackAddress(c.env?.incoming?.socket?.remoteAddress)) {
      throw denied('The operator API answers requests from this machine only.');
    }
    const [, presented] = /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '') ?? [];
    if (presented === undefined || !timingSafeEqual(digest(presented), digest(token))) {
      throw unauthorized('The operator token is missing or wrong.');
    }
    await next();
  };
}

function isLoopbackAddress(address: unknown): boolean {
  const plain = typeof address === 'string' ? address.replace(/^::ffff:/, '') : '';
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

// Of equal length and compared in constant time: neither the length nor a matching beginning shows in the timing.
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
