import { ButtonLink, ErrorState, Placeholder } from '@aauth-stack/ui';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { usePageTitle } from '../pages/page-title.ts';
import { useSignIn } from './sign-in.tsx';

/** Where the provider sends people back to. */
export function SignedInPage() {
  usePageTitle('Signing in');
  const { complete } = useSignIn();
  const [, navigate] = useLocation();
  const [error, setError] = useState<string>();
  const taken = useRef(false);

  useEffect(() => {
    // An answer can be taken up once.
    if (taken.current) return;
    taken.current = true;
    complete(new URL(window.location.href)).then(
      (returnTo) => navigate(returnTo, { replace: true }),
      (thrown: unknown) => setError(thrown instanceof Error ? thrown.message : String(thrown)),
    );
  }, [complete, navigate]);

  return (
    <>
      <h1>Signing in</h1>
      {error === undefined ? (
        <Placeholder label="Signing in" lines={1} />
      ) : (
        <ErrorState title="You are not signed in" action={<ButtonLink href="/">Back to the start</ButtonLink>}>
          {error}
        </ErrorState>
      )}
    </>
  );
}
