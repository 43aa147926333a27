import { AppShell, ThemeSwitch } from '@aauth-stack/ui';
import { lazy, Suspense } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { AuthCallbackPage } from './auth-callback/auth-callback-page.tsx';
import { HistoryPage } from './history/history-page.tsx';
import { News } from './pages/news.tsx';
import { NotFoundPage } from './pages/not-found-page.tsx';
import { StartPage } from './run/start-page.tsx';
import { SignInGate } from './sign-in/sign-in-gate.tsx';
import { SignedInPage } from './sign-in/signed-in-page.tsx';
import { User } from './sign-in/user.tsx';

const RunPage = lazy(async () => ({ default: (await import('./run/run-page.tsx')).RunPage }));

const HowItWorksPage = lazy(async () => ({
  default: (await import('./how-it-works/how-it-works-page.tsx')).HowItWorksPage,
}));

const pages = [
  { href: '/', label: 'Run' },
  { href: '/history', label: 'History' },
  { href: '/how-it-works', label: 'How it works' },
] as const;

/** The pages in their frame. */
export function App() {
  const [path, navigate] = useLocation();

  function go(href: string) {
    navigate(href);
    window.scrollTo(0, 0);
    document.getElementById('content')?.focus({ preventScroll: true });
  }

  return (
    <AppShell
      product="AcmeCorp Supply Chain"
      home="/"
      links={pages.map((page) => ({ ...page, current: path === page.href }))}
      onNavigate={go}
      banner={<News />}
      actions={
        <>
          <User />
          <ThemeSwitch />
        </>
      }
    >
      <Suspense>
        <Switch>
          <Route path="/auth-callback" component={AuthCallbackPage} />
          <Route path="/signed-in" component={SignedInPage} />
          <Route>
            <SignInGate>
              <OwnPages />
            </SignInGate>
          </Route>
        </Switch>
      </Suspense>
    </AppShell>
  );
}

/** What belongs to whoever is signed in, or to the guest. */
function OwnPages() {
  return (
    <Switch>
      <Route path="/" component={StartPage} />
      <Route path="/runs/:requestId">{({ requestId }) => <RunPage key={requestId} requestId={requestId} />}</Route>
      <Route path="/history" component={HistoryPage} />
      <Route path="/how-it-works" component={HowItWorksPage} />
      <Route component={NotFoundPage} />
    </Switch>
  );
}
