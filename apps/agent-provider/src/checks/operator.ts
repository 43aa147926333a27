import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { AAuthError, PolicyError } from '@aauth-stack/aauth/errors';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { MiddlewareHandler } from 'hono';
import type { ProviderEnv } from './env.ts';

class OperatorTokenError extends AAuthError {
  override readonly name = 'OperatorTokenError';

  constructor() {
    const headers = { 'www-authenticate': 'Bearer' };
    super('unauthorized', { status: 401, detail: 'The operator token is missing or wrong.', headers });
  }
}

/** Admits who runs this service: from this machine, with the operator token. Without a token configured, nobody. */
export function verifyOperator(operatorToken: string | undefined): MiddlewareHandler<ProviderEnv> {
  return async function verifyOperatorRequest(c, next) {
    if (operatorToken === undefined) {
      throw new PolicyError('denied', 'The operator API is off: AAUTH_OPERATOR_TOKEN is not set.');
    }
    if (!isLoopbackAddress(getConnInfo(c).remote.address)) {
      throw new PolicyError('denied', 'The operator API answers requests from this machine only.');
    }
    const [, token] = /^Bearer ([^\s]+)$/i.exec(c.req.header('authorization') ?? '') ?? [];
    if (token === undefined || !isSame(token, operatorToken)) {
      throw new OperatorTokenError();
    }
    await next();
  };
}

function isLoopbackAddress(address = ''): boolean {
  const plain = address.replace(/^::ffff:/, '');
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

// Of equal length and compared in constant time: neither the length nor a matching beginning shows in the timing.
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
