import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { AAuthError, PolicyError } from '@aauth-stack/aauth/errors';
import type { Step } from '../environment.ts';

class OperatorTokenError extends AAuthError {
  override readonly name = 'OperatorTokenError';

  constructor() {
    const headers = { 'www-authenticate': 'Bearer realm="person-server operator"' };
    super('unauthorized', { status: 401, detail: 'The operator token is missing or wrong.', headers });
  }
}

/** Admits who runs this service: from this machine, with the operator token. Without a token configured, nobody. */
export function verifyOperator(operatorToken: string | undefined): Step {
  return async function verifyOperator(c, next) {
    if (operatorToken === undefined) {
      throw new PolicyError('denied', 'The operator API is off: AAUTH_OPERATOR_TOKEN is not set.');
    }
    if (!isLoopbackAddress(c.env.incoming?.socket.remoteAddress)) {
      throw new PolicyError('denied', 'The operator API answers requests from this machine only.');
    }
    const token = /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1];
    if (token === undefined || !timingSafeEqual(digest(token), digest(operatorToken))) throw new OperatorTokenError();
    await next();
  };
}

function isLoopbackAddress(address = ''): boolean {
  const plain = address.replace(/^::ffff:/, '');
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

// Of equal length, so that neither the length nor a matching beginning shows in the timing.
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
