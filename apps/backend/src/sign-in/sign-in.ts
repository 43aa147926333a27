import type { MiddlewareHandler } from 'hono';
import { SignInError } from './sign-in-error.ts';
import { guest, type User } from './user.ts';
import type { VerifyBearer } from './verify-bearer.ts';

/** Behind {@link signIn}. */
export interface SignedIn {
  Variables: {
    user: User;
    /** Aborted as soon as it takes another sign-in: for responses that last. */
    signInEnds: () => AbortSignal;
  };
}

/**
 * Lets through who has signed in, or everybody as the guest where nobody has to.
 *
 * @param verify absent where nobody has to
 */
export function signIn(verify: VerifyBearer | undefined): MiddlewareHandler<SignedIn> {
  return async function signIn(c, next) {
    const verified = verify && (await verify(bearerOf(c.req.header('authorization'))));
    c.set('user', verified?.user ?? guest);
    c.set('signInEnds', () => (verified ? AbortSignal.timeout(Math.min(verified.remainingMs, longestMs)) : never));
    await next();
  };
}

const never = new AbortController().signal;
/** No timer lasts longer. */
const longestMs = 2 ** 31 - 1;

function bearerOf(authorization: string | undefined): string {
  const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) throw new SignInError('sign_in_required', 'Sign in first, and send the token as Bearer.');
  return token;
}
