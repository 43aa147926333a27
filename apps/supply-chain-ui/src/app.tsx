import { AppShell, ThemeSwitch } from '@aauth-stack/ui';
import { Route, Switch, useLocation } from 'wouter';
import { NotFoundPage } from './pages/not-found-page.tsx';
import { RunPage } from './run/run-page.tsx';

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
      links={[{ href: '/', label: 'Run', current: path === '/' }]}
      onNavigate={go}
      actions={<ThemeSwitch />}
    >
      <Switch>
        <Route path="/" component={RunPage} />
        <Route component={NotFoundPage} />
      </Switch>
    </AppShell>
  );
}
