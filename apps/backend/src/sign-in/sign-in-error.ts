import { AAuthError } from '@aauth-stack/aauth/errors';

const realm = 'Bearer realm="supply-chain"';

/** Nobody has signed in: 401 that says how (RFC 6750 §3). */
export class SignInError extends AAuthError {
  override readonly name = 'SignInError';

  /** @param detail without quotation marks or backslashes when the token is refused: it is a header's too */
  constructor(code: 'sign_in_required' | 'invalid_token', detail: string, cause?: unknown) {
    const reason = code === 'invalid_token' ? `, error="invalid_token", error_description="${detail}"` : '';
    super(code, { status: 401, detail, cause, headers: { 'www-authenticate': `${realm}${reason}` } });
  }
}
