import { useCallback, useEffect, useRef, useState } from 'react';
import * as z from 'zod/mini';
import { useSettings } from '../api/use-settings.tsx';

/**
 * The window in which the person decides. `closed`: they closed it, and nothing came back. `blocked`: the browser opened none.
 * `returned`: they came back from the Person Server.
 */
export type ConsentWindowState = 'none' | 'open' | 'closed' | 'blocked' | 'returned';

export const consentChannel = 'aauth-consent';
const width = 520;
const height = 720;
const lookMilliseconds = 400;
/** Longer than the page takes at which the person comes back to close its window itself. */
const lingersMilliseconds = 5000;

/** What the page says at which the person comes back: the backend's, or the one of these pages. */
const returnedSchema = z.object({
  type: z.literal('aauth-consent-complete'),
  request_id: z.nullable(z.string()),
  error: z.nullable(z.string()),
});

/** Opens the Person Server's page in a window of its own, one for each code, and notices what becomes of it. */
export function useConsentWindow(
  requestId: string,
  code: string,
  url: string,
): { state: ConsentWindowState; open: () => void } {
  const { backend_url: backend } = useSettings();
  const [state, setState] = useState<ConsentWindowState>('none');
  const opened = useRef<Window>(null);

  const open = useCallback(() => {
    const left = Math.max(0, window.screenX + (window.outerWidth - width) / 2);
    const top = Math.max(0, window.screenY + (window.outerHeight - height) / 2);
    const features = `popup,width=${width},height=${height},left=${left},top=${top}`;
    opened.current = window.open(url, `aauth-consent-${code}`, features);
    opened.current?.focus();
    setState(opened.current ? 'open' : 'blocked');
  }, [code, url]);

  useEffect(() => {
    if (state !== 'open') return;
    const timer = setInterval(() => {
      // Whoever has come back from there may have been heard since this was set up.
      if (opened.current?.closed) setState((now) => (now === 'open' ? 'closed' : now));
    }, lookMilliseconds);
    return () => clearInterval(timer);
  }, [state]);

  useEffect(() => {
    function hear(data: unknown) {
      const returned = returnedSchema.safeParse(data);
      if (!returned.success || returned.data.request_id !== requestId) return;
      opened.current?.close();
      setState('returned');
    }
    const channel = new BroadcastChannel(consentChannel);
    channel.onmessage = ({ data }) => hear(data);
    const onMessage = ({ origin, data }: MessageEvent) => {
      if (origin === backend || origin === window.location.origin) hear(data);
    };
    window.addEventListener('message', onMessage);
    return () => {
      channel.close();
      window.removeEventListener('message', onMessage);
    };
  }, [backend, requestId]);

  // Nobody waits any more for what is decided there. Not at once: the person may be on the way back from there, and Chromium
  // forgets a close that meets a navigation, and heeds none afterwards, not even the window's own.
  useEffect(() => () => closeLater(opened.current), []);

  return { state, open };
}

function closeLater(opened: Window | null): void {
  if (opened && !opened.closed) setTimeout(() => opened.close(), lingersMilliseconds);
}
