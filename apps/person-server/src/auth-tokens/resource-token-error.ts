import { TokenRequestError } from '@aauth-stack/aauth/errors';

/** A claim of the resource token that is not what something else says it has to be. */
export interface ClaimMismatch {
  readonly claim: string;
  readonly expected: unknown;
  readonly received: unknown;
}

/** 400 `invalid_resource_token`, with what was compared as evidence for the log. */
export function invalidResourceToken(detail: string, mismatch: ClaimMismatch): TokenRequestError {
  return new TokenRequestError('invalid_resource_token', detail, mismatch);
}
