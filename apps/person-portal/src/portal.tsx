import { AppShell, Button, ThemeSwitch, useAnnounce } from '@aauth-stack/ui';
import { useQuery } from '@tanstack/react-query';
import { LogOut } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { ActivityPage } from './activity/activity-page.tsx';
import { AgentsPage } from './agents/agents-page.tsx';
import { registrationsQuery } from './agents/queries.ts';
import { useApi } from './api/api.ts';
import { ConsentsPage } from './consents/consents-page.tsx';
import { LiveBanner } from './live/live-banner.tsx';
import { count } from './pages/names.tsx';
import { NotFoundPage } from './pages/not-found-page.tsx';
import styles from './portal.module.css';
import { requestsQuery } from './requests/queries.ts';
import { RequestsPage } from './requests/requests-page.tsx';
import { ServerPage } from './server/server-page.tsx';
import { useSignOut } from './session/session.ts';
import { SettingsPage } from './settings/settings-page.tsx';
import { TokensPage } from './tokens/tokens-page.tsx';

const pages = [
  { path: '/agents', label: 'Agents', page: AgentsPage },
  { path: '/requests', label: 'Requests', page: RequestsPage },
  { path: '/consents', label: 'Consents', page: ConsentsPage },
  { path: '/tokens', label: 'Tokens', page: TokensPage },
  { path: '/activity', label: 'Activity', page: ActivityPage },
  { path: '/settings', label: 'Settings', page: SettingsPage },
  { path: '/server', label: 'Server', page: ServerPage },
] as const;

const base = '/ui';

/** The pages of a person who is signed in. */
export function Portal() {
  const [path, navigate] = useLocation();
  const signOut = useSignOut();
  const waiting = useWaiting();

  function go(href: string) {
    navigate(href.slice(base.length));
    window.scrollTo(0, 0);
    document.getElementById('content')?.focus({ preventScroll: true });
  }

  return (
    <AppShell
      product="Person Server"
      home={`${base}/agents`}
      links={pages.map((page) => ({
        href: base + page.path,
        label: page.label,
        current: path === page.path,
        waiting: waiting[page.path],
      }))}
      onNavigate={go}
      banner={<LiveBanner />}
      actions={
        <>
          <ThemeSwitch />
          <Button look="quiet" icon={LogOut} busy={signOut.isPending} onClick={() => signOut.mutate()}>
            <span className={styles.signOut}>Sign out</span>
          </Button>
        </>
      }
    >
      <Switch>
        {pages.map(({ path: route, page }) => (
          <Route key={route} path={route} component={page} />
        ))}
        <Route path="/">
          <Redirect to="/agents" replace />
        </Route>
        <Route component={NotFoundPage} />
      </Switch>
    </AppShell>
  );
}

/** How many things wait on which page. What comes is announced, wherever the person is. */
function useWaiting(): Readonly<Record<string, number | undefined>> {
  const api = useApi();
  const announce = useAnnounce();
  const registrations = useQuery(registrationsQuery(api)).data?.length;
  const requests = useQuery(requestsQuery(api)).data?.length;
  const before = useRef({ registrations, requests });

  useEffect(() => {
    const news = [
      [before.current.registrations, registrations, 'agent'],
      [before.current.requests, requests, 'request'],
    ] as const;
    before.current = { registrations, requests };
    for (const [was, is, thing] of news) {
      if (was !== undefined && is !== undefined && is > was) announce(`${count(is, thing)} waiting for you.`);
    }
  }, [announce, registrations, requests]);

  return { '/agents': registrations, '/requests': requests };
}
