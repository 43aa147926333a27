import type { ReactNode } from 'react';
import { useSignIn } from './sign-in.tsx';
import { SignInButton } from './sign-in-button.tsx';
import styles from './sign-in-gate.module.css';

/** What is only for people who are signed in, where signing in is on. */
export function SignInGate({ children }: { children: ReactNode }) {
  const { state, host } = useSignIn();
  if (state !== 'signed-out') return children;
  return (
    <section className={styles.card} aria-labelledby="sign-in-title">
      <h1 id="sign-in-title">Sign in to run the demo</h1>
      <p>
        Your runs are yours alone: others who sign in see theirs. You sign in at <code>{host}</code> and come back here.
      </p>
      <p className={styles.note}>
        This is for the demo’s own pages. The agents do not depend on it: what they may do in your name is decided at
        your Person Server.
      </p>
      <div className={styles.action}>
        <SignInButton look="primary" size="large">
          Sign in
        </SignInButton>
      </div>
    </section>
  );
}
