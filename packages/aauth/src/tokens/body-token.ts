import { type BodyTokenKind, SignatureError, TokenRequestError, type TokenRequestErrorCode } from '../errors.ts';

/**
 * Runs the verification of a token that came in the body of a request to a token endpoint. There a token that does not hold is
 * no fault of the request's signature: what would be a {@link SignatureError} is a {@link TokenRequestError} (AAuth Protocol,
 * "Token Endpoint Error Codes"). Everything else that `verify` throws, such as `UnavailableError`, passes through.
 *
 * @param kind which parameter of the request it is
 * @param verify runs the verification
 * @returns what `verify` gives
 * @throws TokenRequestError 400 `expired_…`, `revoked_…`, `clock_skew`, and `invalid_…` for all the rest
 */
export async function readBodyToken<Token>(kind: BodyTokenKind, verify: () => Promise<Token>): Promise<Token> {
  try {
    return await verify();
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    throw new TokenRequestError(codeOf(error, kind), `The ${kind} token is refused. ${error.message}`, error);
  }
}

function codeOf({ code }: SignatureError, kind: BodyTokenKind): TokenRequestErrorCode {
  switch (code) {
    case 'expired_jwt':
      return `expired_${kind}_token`;
    case 'revoked_jwt':
      return `revoked_${kind}_token`;
    case 'clock_skew':
      return 'clock_skew';
    default:
      return `invalid_${kind}_token`;
  }
}
