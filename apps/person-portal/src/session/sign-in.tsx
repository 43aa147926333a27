import { Button, TextField } from '@aauth-stack/ui';
import { type FormEvent, type ReactNode, useState } from 'react';
import { RefusedError } from '../api/errors.ts';
import { Problem } from '../pages/problem.tsx';
import { useSignIn } from './session.ts';
import styles from './sign-in.module.css';

export interface SignInFormProps {
  /** Why one has to sign in here. */
  children?: ReactNode;
}

/** The portal token for a session. */
export function SignInForm({ children }: SignInFormProps) {
  const [token, setToken] = useState('');
  const signIn = useSignIn();
  const isWrong = signIn.error instanceof RefusedError && signIn.error.code === 'wrong_token';

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!signIn.isPending) signIn.mutate(token.trim());
  }

  return (
    <form className={styles.form} onSubmit={submit}>
      {children}
      <TextField
        label="Portal token"
        type="password"
        name="token"
        autoComplete="current-password"
        autoFocus
        required
        value={token}
        onChange={(event) => setToken(event.target.value)}
        error={isWrong ? signIn.error?.message : undefined}
        hint="It is the AAUTH_PORTAL_TOKEN of this Person Server, or was shown once when it first started."
      />
      {signIn.error && !isWrong && <Problem title="You could not be signed in" error={signIn.error} />}
      <Button type="submit" look="primary" size="large" busy={signIn.isPending}>
        Sign in
      </Button>
    </form>
  );
}
