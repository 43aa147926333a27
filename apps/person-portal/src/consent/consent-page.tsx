import { ErrorState, Placeholder } from '@aauth-stack/ui';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearch } from 'wouter';
import { useApi } from '../api/api.ts';
import type { ConsentRequest } from '../api/consent.ts';
import { RefusedError } from '../api/errors.ts';
import { NarrowPage } from '../pages/narrow-page.tsx';
import { usePageTitle } from '../pages/page-title.ts';
import { Problem } from '../pages/problem.tsx';
import { requestByCodeQuery } from '../requests/queries.ts';
import { SignInForm } from '../session/sign-in.tsx';
import { CodeForm } from './code-form.tsx';
import { ConsentForm } from './consent-form.tsx';
import styles from './consent-page.module.css';
import { Ended, isEnded } from './ended.tsx';
import { Question } from './question.tsx';

export interface ConsentPageProps {
  issuer: string;
  signedIn: boolean;
}

/** Where an agent sends the person: one question, one decision. */
export function ConsentPage({ issuer, signedIn }: ConsentPageProps) {
  usePageTitle('An agent asks you');
  const parameters = new URLSearchParams(useSearch());
  const code = parameters.get('code');
  const callback = parameters.get('callback') ?? undefined;
  return (
    <NarrowPage issuer={issuer}>
      {!signedIn ? (
        <SignInFirst title="Sign in to decide" />
      ) : code === null || code === '' ? (
        <CodeForm />
      ) : (
        <Asked code={code} callback={callback} />
      )}
    </NarrowPage>
  );
}

function SignInFirst({ title }: { title: string }) {
  return (
    <>
      <h1 className={styles.title}>{title}</h1>
      <SignInForm>
        <p>An agent asks you something. Who you are decides, not the link that you followed.</p>
      </SignInForm>
    </>
  );
}

function Asked({ code, callback }: { code: string; callback: string | undefined }) {
  const query = useQuery(requestByCodeQuery(useApi(), code, callback));
  const [decided, setDecided] = useState<ConsentRequest>();
  const request = decided ?? query.data;
  if (request === undefined) {
    if (query.error) return <NotShown error={query.error} onRetry={() => void query.refetch()} />;
    return <Placeholder label="Loading the request" lines={4} />;
  }
  if (isEnded(request.status)) return <Ended request={request} here={decided !== undefined} />;
  return (
    <>
      <h1 className={styles.title}>
        <Question request={request} />
      </h1>
      <ConsentForm request={request} onDecided={setDecided} />
    </>
  );
}

function NotShown({ error, onRetry }: { error: Error; onRetry: () => void }) {
  if (error instanceof RefusedError && error.code === 'reauthentication_required') {
    return <SignInFirst title="Sign in once more to decide" />;
  }
  if (error instanceof RefusedError && error.code === 'invalid_code') {
    return (
      <>
        <ErrorState title="This link does not lead to a request" code={error.code}>
          The code is not valid, or it was opened in another browser before: it works once. Start again where the link
          came from, or decide under <Link href="/requests">Requests</Link>.
        </ErrorState>
        <CodeForm />
      </>
    );
  }
  return (
    <Problem title="The request cannot be shown" error={error} {...(!(error instanceof RefusedError) && { onRetry })} />
  );
}
