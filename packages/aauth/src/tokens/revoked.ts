import { SignatureError } from '../errors.ts';
import type { MaybePromise } from '../maybe-promise.ts';
import type { TokenType, VerifiedTokenBase } from './types.ts';

/** Whether a token has been revoked, by `(iss, jti)` (AAuth Protocol, "Token Revocation"). Asked each time the token is presented. */
export type RevocationCheck = (
  token: Pick<VerifiedTokenBase, 'issuer' | 'jti' | 'type' | 'expiresAt'>,
) => boolean | Promise<boolean>;

/** A {@link SignatureError} `revoked_jwt`, which knows what kind of token it is about: the requirement beside it depends on that. */
export class RevokedTokenError extends SignatureError {
  readonly tokenType: TokenType;

  constructor({ type, issuer, jti }: Pick<VerifiedTokenBase, 'issuer' | 'jti' | 'type'>) {
    super('revoked_jwt', 'The token has been revoked; do not present it again.', { cause: { iss: issuer, jti } });
    this.tokenType = type;
  }
}

/** @throws {@link RevokedTokenError} */
export function checkNotRevoked(
  token: VerifiedTokenBase,
  revoked: RevocationCheck | undefined,
): MaybePromise<undefined> {
  const answer = revoked === undefined ? false : revoked(token);
  return answer === false ? undefined : checkAnswer(token, answer);
}

async function checkAnswer(token: VerifiedTokenBase, answer: MaybePromise<boolean>): Promise<undefined> {
  if (await answer) throw new RevokedTokenError(token);
}
