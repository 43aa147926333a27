import { AAuthError, PolicyError } from '@aauth-stack/aauth/errors';
import { verifyOperator as verify } from '@aauth-stack/service/http';
import type { Step } from '../environment.ts';

class OperatorTokenError extends AAuthError {
  override readonly name = 'OperatorTokenError';

  constructor(detail: string) {
    const headers = { 'www-authenticate': 'Bearer realm="person-server operator"' };
    super('unauthorized', { status: 401, detail, headers });
  }
}

/** Admits who runs this service: from this machine, with the operator token. Without a token configured, nobody. */
export function verifyOperator(operatorToken: string | undefined): Step {
  return verify({
    token: operatorToken,
    denied: (detail) => new PolicyError('denied', detail),
    unauthorized: (detail) => new OperatorTokenError(detail),
  });
}
