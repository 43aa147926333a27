import { Button } from '@aauth-stack/ui';
import { useMutation } from '@tanstack/react-query';
import { LogOut, UserRound } from 'lucide-react';
import { useSignIn } from './sign-in.tsx';
import { SignInButton } from './sign-in-button.tsx';
import styles from './user.module.css';

/** Who is signed in, in the header; where signing in is off, nothing. */
export function User() {
  const { state, name, signOut } = useSignIn();
  const leave = useMutation({ mutationFn: signOut });
  if (state === 'off') return null;
  if (state !== 'signed-in') return <SignInButton look="quiet">Sign in</SignInButton>;
  return (
    <>
      <span className={styles.user} title={name}>
        <UserRound size={16} aria-hidden="true" />
        <span className={styles.name}>
          <bdi>{name}</bdi>
        </span>
      </span>
      <Button look="quiet" icon={LogOut} busy={leave.isPending} onClick={() => leave.mutate()}>
        <span className={styles.words}>Sign out</span>
      </Button>
    </>
  );
}
