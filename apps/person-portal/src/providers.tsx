import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Router } from 'wouter';
import { ApiProvider, createApi } from './api/api.ts';
import { UnreachableError } from './api/errors.ts';
import { ServerClockProvider } from './session/server-clock.tsx';
import { csrfTokenOf, endSession } from './session/session.ts';

const retries = 2;
const retryMilliseconds = 500;
const freshMilliseconds = 30_000;

/** What every page needs: the interface to the Person Server, what is cached of it, its time and the address. */
export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(createQueryClient);
  const [api] = useState(() =>
    createApi({
      fetch: (input, init) => fetch(input, init),
      csrfToken: () => csrfTokenOf(client),
      origin: location.origin,
      onSessionEnded: () => endSession(client),
    }),
  );
  return (
    <QueryClientProvider client={client}>
      <ApiProvider value={api}>
        <ServerClockProvider>
          <Router base="/ui">{children}</Router>
        </ServerClockProvider>
      </ApiProvider>
    </QueryClientProvider>
  );
}

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: freshMilliseconds,
        // The server may be on this device, where no network is needed to reach it.
        networkMode: 'always',
        retry: (failures, error) => error instanceof UnreachableError && failures < retries,
        retryDelay: retryMilliseconds,
      },
      mutations: { networkMode: 'always' },
    },
  });
}
