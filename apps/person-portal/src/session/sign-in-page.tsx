import { NarrowPage } from '../pages/narrow-page.tsx';
import { usePageTitle } from '../pages/page-title.ts';
import { SignInForm } from './sign-in.tsx';

/** What anybody sees who is not signed in. */
export function SignInPage({ issuer }: { issuer: string }) {
  usePageTitle('Sign in');
  return (
    <NarrowPage issuer={issuer}>
      <h1>Sign in</h1>
      <SignInForm>
        <p>Here you see and control everything that acts for you.</p>
      </SignInForm>
    </NarrowPage>
  );
}
