import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';
import type { PageSettings } from '../api/settings.ts';
import { isLive, type Session, storedSession, storedStart } from './session.ts';

/** `off`: everybody is a guest. `ended`: somebody was signed in until a moment ago. */
type SignInState = 'off' | 'signed-out' | 'signed-in' | 'ended';

interface SignIn {
  state: SignInState;
  /** What the person is called. */
  name: string | undefined;
  /** The provider's host. */
  host: string | undefined;
  /** What is shown to the backend. */
  token: () => string | undefined;
  /** Takes the person to where they sign in. */
  begin: () => Promise<void>;
  /** Takes up the provider's answer, and says where the person was before. */
  complete: (answer: URL) => Promise<string>;
  signOut: () => Promise<void>;
  /** The backend does not take the token. */
  onRefused: () => void;
}

const SignInContext = createContext<SignIn | undefined>(undefined);

export function useSignIn(): SignIn {
  const signIn = useContext(SignInContext);
  if (!signIn) throw new Error('useSignIn is used outside of a SignInProvider.');
  return signIn;
}

const renewBeforeSeconds = 30;
/** On a device whose clock is ahead, a token that was renewed just now seems to be about to end. */
const betweenRenewalsSeconds = 10;
const longestTimer = 2 ** 31 - 1;

async function providerOf(settings: NonNullable<PageSettings['oidc']>) {
  const { createProvider } = await import('./provider.ts');
  return createProvider(settings, window.location.origin);
}

/** Who is signed in, where signing in is on: in this tab, kept over a reload, renewed before it ends. */
export function SignInProvider({ settings, children }: { settings: PageSettings['oidc']; children: ReactNode }) {
  const client = useQueryClient();
  const [session, setSession] = useState<Session | undefined>(() => (settings ? liveSession() : undefined));
  const [hasEnded, setHasEnded] = useState(false);
  const current = useRef(session);
  const isRenewed = useRef(false);

  const keep = useCallback((next: Session | undefined) => {
    current.current = next;
    if (next) storedSession.write(next);
    else storedSession.clear();
    setSession(next);
  }, []);
  const end = useCallback(() => {
    if (!current.current) return;
    keep(undefined);
    setHasEnded(true);
  }, [keep]);

  useEffect(() => {
    if (!settings || !session) return;
    const left = session.expires_at - Date.now() / 1000;
    const renew = async () => {
      try {
        const renewed = await (await providerOf(settings)).renew(session);
        isRenewed.current = true;
        keep(renewed);
      } catch {
        // It ends when it would have; the person is told then.
        timer = setTimeout(end, Math.max(0, session.expires_at * 1000 - Date.now()));
      }
    };
    const soonest = isRenewed.current ? betweenRenewalsSeconds : 0;
    let timer = setTimeout(renew, Math.min(longestTimer, Math.max(soonest, left - renewBeforeSeconds) * 1000));
    return () => clearTimeout(timer);
  }, [settings, session, keep, end]);

  const signIn = useMemo<SignIn>(
    () => ({
      state: !settings ? 'off' : session ? 'signed-in' : hasEnded ? 'ended' : 'signed-out',
      name: session?.name,
      host: settings ? new URL(settings.issuer).host : undefined,
      token: () => current.current?.token,
      async begin() {
        if (!settings) return;
        const { pathname, search } = window.location;
        const { started, url } = await (await providerOf(settings)).begin(pathname + search);
        storedStart.write(started);
        window.location.assign(url);
      },
      async complete(answer) {
        const started = storedStart.read();
        storedStart.clear();
        if (!settings || !started) throw new Error('No sign-in has begun in this tab.');
        keep(await (await providerOf(settings)).complete(answer, started));
        setHasEnded(false);
        client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'settings' });
        return started.return_to;
      },
      async signOut() {
        const before = current.current;
        keep(undefined);
        setHasEnded(false);
        client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'settings' });
        if (!settings || !before) return;
        const url = await (await providerOf(settings)).signOutUrl(before).catch(() => undefined);
        if (url) window.location.assign(url);
      },
      onRefused: end,
    }),
    [settings, session, hasEnded, keep, end, client],
  );
  return <SignInContext value={signIn}>{children}</SignInContext>;
}

function liveSession(): Session | undefined {
  const session = storedSession.read();
  if (session && isLive(session)) return session;
  storedSession.clear();
  return undefined;
}
