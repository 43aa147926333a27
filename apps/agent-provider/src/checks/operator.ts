import { AAuthError, PolicyError } from '@aauth-stack/aauth/errors';
import { verifyOperator as verify } from '@aauth-stack/service/http';
import type { MiddlewareHandler } from 'hono';
import type { ProviderEnv } from './env.ts';

class OperatorTokenError extends AAuthError {
  override readonly name = 'OperatorTokenError';

  constructor(detail: string) {
    super('unauthorized', { status: 401, detail, headers: { 'www-authenticate': 'Bearer' } });
  }
}

/** Admits who runs this service: from this machine, with the operator token. Without a token configured, nobody. */
export function verifyOperator(operatorToken: string | undefined): MiddlewareHandler<ProviderEnv> {
  return verify({
    token: operatorToken,
    denied: (detail) => new PolicyError('denied', detail),
    unauthorized: (detail) => new OperatorTokenError(detail),
  });
}
