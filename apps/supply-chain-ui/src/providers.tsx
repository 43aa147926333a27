import { Announcer, Button, ErrorState } from '@aauth-stack/ui';
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { ApiProvider, createApi } from './api/api.ts';
import { UnreachableError } from './api/errors.ts';
import { type PageSettings, pageSettingsSchema } from './api/settings.ts';
import { SettingsProvider } from './api/use-settings.tsx';
import { SignInProvider, useSignIn } from './sign-in/sign-in.tsx';

const retries = 2;
const retryMilliseconds = 500;

/** What every page needs: where everything is, the backend's interface, and what is cached of it. */
export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(createQueryClient);
  return (
    <QueryClientProvider client={client}>
      <Announcer>
        <Settled>{children}</Settled>
      </Announcer>
    </QueryClientProvider>
  );
}

/** Reads the settings before anything that needs them is shown. */
function Settled({ children }: { children: ReactNode }) {
  const settings = useQuery({ queryKey: ['settings'], queryFn: readSettings, staleTime: Number.POSITIVE_INFINITY });
  if (settings.data) return <Connected settings={settings.data}>{children}</Connected>;
  if (!settings.error) return null;
  return (
    <ErrorState
      title="This page cannot be shown"
      action={<Button onClick={() => settings.refetch()}>Try again</Button>}
    >
      The server at {location.origin} does not say where the backend is. Start the stack with scripts/start-infra.sh.
    </ErrorState>
  );
}

function Connected({ settings, children }: { settings: PageSettings; children: ReactNode }) {
  return (
    <SettingsProvider value={settings}>
      <SignInProvider settings={settings.oidc}>
        <WithApi backend={settings.backend_url}>{children}</WithApi>
      </SignInProvider>
    </SettingsProvider>
  );
}

function WithApi({ backend, children }: { backend: string; children: ReactNode }) {
  const { token, onRefused } = useSignIn();
  const session = useRef({ token, onRefused });
  useEffect(() => {
    session.current = { token, onRefused };
  }, [token, onRefused]);
  const [api] = useState(() =>
    createApi({
      fetch: (input, init) => fetch(input, init),
      backend,
      token: () => session.current.token(),
      onSignInNeeded: () => session.current.onRefused(),
    }),
  );
  return <ApiProvider value={api}>{children}</ApiProvider>;
}

async function readSettings(): Promise<PageSettings> {
  const response = await fetch('/config.json');
  return pageSettingsSchema.parse(await response.json());
}

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The server may be on this device, where no network is needed to reach it.
        networkMode: 'always',
        retry: (failures, error) => error instanceof UnreachableError && failures < retries,
        retryDelay: retryMilliseconds,
      },
      mutations: { networkMode: 'always' },
    },
  });
}
