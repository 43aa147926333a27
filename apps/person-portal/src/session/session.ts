import { type QueryClient, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { type Api, useApi } from '../api/api.ts';
import { type Session, sessionSchema } from '../api/session.ts';

const sessionKey = ['session'] as const;

/** Whether the person is signed in here. Asked once; afterwards every answer and the event stream tell. */
export function sessionQuery(api: Api) {
  return queryOptions({
    queryKey: sessionKey,
    queryFn: () => api.get('/person/session', sessionSchema),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** What every change made with the session has to carry. */
export function csrfTokenOf(client: QueryClient): string | undefined {
  const session = client.getQueryData<Session>(sessionKey);
  return session?.signed_in ? session.csrf_token : undefined;
}

/** Forgets everything about the person; the page then shows the sign-in. */
export function endSession(client: QueryClient): void {
  client.setQueryData<Session>(sessionKey, (session) => {
    if (!session?.signed_in) return session;
    return { signed_in: false, person_server: session.person_server, server_time: session.server_time };
  });
  client.removeQueries({ predicate: isOfThePerson });
}

function isOfThePerson({ queryKey }: { queryKey: readonly unknown[] }): boolean {
  return queryKey[0] !== sessionKey[0];
}

export function useSignIn() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: string) =>
      api.changeAndRead('/person/session', { method: 'POST', body: { token } }, sessionSchema),
    onSuccess: (session) => {
      client.setQueryData(sessionKey, session);
      // What was refused for want of a session, or of a fresh one, is asked for again.
      void client.invalidateQueries({ predicate: isOfThePerson });
    },
  });
}

export function useSignOut() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.change('/person/session', { method: 'DELETE' }),
    onSuccess: () => endSession(client),
  });
}
