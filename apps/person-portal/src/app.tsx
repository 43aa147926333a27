import { Announcer } from '@aauth-stack/ui';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { useRoute } from 'wouter';
import { useApi } from './api/api.ts';
import { LiveUpdates } from './live/live-updates.tsx';
import { NarrowPage } from './pages/narrow-page.tsx';
import { Problem } from './pages/problem.tsx';
import { useServerClock } from './session/server-clock.tsx';
import { sessionQuery } from './session/session.ts';
import { SignInPage } from './session/sign-in-page.tsx';

const ConsentPage = lazy(async () => ({ default: (await import('./consent/consent-page.tsx')).ConsentPage }));
const Portal = lazy(async () => ({ default: (await import('./portal.tsx')).Portal }));

/** The consent page or the portal, and before either the sign-in. */
export function App() {
  const session = useQuery(sessionQuery(useApi()));
  const [isConsent] = useRoute('/consent');
  const { setServerTime } = useServerClock();
  const serverTime = session.data?.server_time;
  useEffect(() => {
    if (serverTime !== undefined) setServerTime(serverTime);
  }, [serverTime, setServerTime]);

  if (session.data === undefined) {
    if (!session.error) return null;
    return (
      <NarrowPage issuer={location.origin}>
        <h1>AAuth Person Server</h1>
        <Problem title="This page cannot be shown" error={session.error} onRetry={() => void session.refetch()} />
      </NarrowPage>
    );
  }
  const { signed_in: signedIn, person_server: server } = session.data;
  const page = isConsent ? <ConsentPage issuer={server.issuer} signedIn={signedIn} /> : <Portal />;
  if (!signedIn) return isConsent ? <Suspense>{page}</Suspense> : <SignInPage issuer={server.issuer} />;
  return (
    <Announcer>
      <LiveUpdates>
        <Suspense>{page}</Suspense>
      </LiveUpdates>
    </Announcer>
  );
}
