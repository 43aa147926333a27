import { AppShell, ThemeSwitch } from '@aauth-stack/ui';
import { lazy, Suspense } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { AuthCallbackPage } from './auth-callback/auth-callback-page.tsx';
import { HistoryPage } from './history/history-page.tsx';
import { NotFoundPage } from './pages/not-found-page.tsx';
import { OfflineBanner } from './pages/offline-banner.tsx';
import { useRunEvents } from './run/run-events.ts';
import { StartPage } from './run/start-page.tsx';

const RunPage = lazy(async () => ({ default: (await import('./run/run-page.tsx')).RunPage }));

const pages = [
  { href: '/', label: 'Run' },
  { href: '/history', label: 'History' },
] as const;

/** The pages in their frame. */
export function App() {
  const [path, navigate] = useLocation();
  useRunEvents();

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
      banner={<OfflineBanner />}
      actions={<ThemeSwitch />}
    >
      <Suspense>
        <Switch>
          <Route path="/" component={StartPage} />
          <Route path="/runs/:requestId">{({ requestId }) => <RunPage key={requestId} requestId={requestId} />}</Route>
          <Route path="/history" component={HistoryPage} />
          <Route path="/auth-callback" component={AuthCallbackPage} />
          <Route component={NotFoundPage} />
        </Switch>
      </Suspense>
    </AppShell>
  );
}
