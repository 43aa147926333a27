import { Banner } from '@aauth-stack/ui';
import { useQuery } from '@tanstack/react-query';
import { activitiesQuery } from '../activity/queries.ts';
import { useApi } from '../api/api.ts';
import { UnreachableError } from '../api/errors.ts';
import { useSignIn } from '../sign-in/sign-in.tsx';
import { SignInButton } from '../sign-in/sign-in-button.tsx';
import styles from './news.module.css';
import { StartTheStack } from './start-the-stack.tsx';

/** Says why what is on the page may be out of date: the backend does not answer, or the sign-in has ended. */
export function News() {
  const { state } = useSignIn();
  const { error } = useQuery({ ...activitiesQuery(useApi()), enabled: state === 'off' || state === 'signed-in' });
  if (state === 'ended') {
    return (
      <Banner>
        <span className={styles.ended}>
          Your sign-in has ended. This page shows what it last knew. <SignInButton>Sign in again</SignInButton>
        </span>
      </Banner>
    );
  }
  return (
    <Banner>
      {error instanceof UnreachableError && (
        <>
          <StartTheStack /> This page shows what it last knew, and goes on trying.
        </>
      )}
    </Banner>
  );
}
