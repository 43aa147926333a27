import type { MiddlewareHandler } from 'hono';
import { SignInError } from './sign-in-error.ts';
import { guest, type User } from './user.ts';
import type { VerifyBearer } from './verify-bearer.ts';

/** Behind {@link signIn}. */
export interface SignedIn {
  Variables: { user: User };
}

/**
 * Lets through who has signed in, or everybody as the guest where nobody has to.
 *
 * @param verify absent where nobody has to
 */
export function signIn(verify: VerifyBearer | undefined): MiddlewareHandler<SignedIn> {
  return async function signIn(c, next) {
    c.set('user', verify ? await verify(bearerOf(c.req.header('authorization'))) : guest);
    await next();
  };
}

function bearerOf(authorization: string | undefined): string {
  const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) throw new SignInError('sign_in_required', 'Sign in first, and send the token as Bearer.');
  return token;
}
