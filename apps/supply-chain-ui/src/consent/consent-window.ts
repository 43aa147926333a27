import { useCallback, useEffect, useRef, useState } from 'react';
import * as z from 'zod/mini';
import { useSettings } from '../api/use-settings.tsx';

/**
 * The window in which the person decides. `closed`: they closed it, and nothing came back. `blocked`: the browser opened none.
 * `returned`: they came back from the Person Server.
 */
export type ConsentWindowState = 'none' | 'open' | 'closed' | 'blocked' | 'returned';

export const consentChannel = 'aauth-consent';
const windowName = 'aauth-consent';
const width = 520;
const height = 720;
const lookMilliseconds = 400;

/** What the page says at which the person comes back: the backend's, or the one of these pages. */
const returnedSchema = z.object({
  type: z.literal('aauth-consent-complete'),
  request_id: z.nullable(z.string()),
  error: z.nullable(z.string()),
});

/** Opens the Person Server's page in a window of its own, and notices what becomes of it. */
export function useConsentWindow(requestId: string, url: string): { state: ConsentWindowState; open: () => void } {
  const { backend_url: backend } = useSettings();
  const [state, setState] = useState<ConsentWindowState>('none');
  const opened = useRef<Window>(null);

  const open = useCallback(() => {
    const left = Math.max(0, window.screenX + (window.outerWidth - width) / 2);
    const top = Math.max(0, window.screenY + (window.outerHeight - height) / 2);
    const features = `popup,width=${width},height=${height},left=${left},top=${top}`;
    opened.current = window.open(url, windowName, features);
    opened.current?.focus();
    setState(opened.current ? 'open' : 'blocked');
  }, [url]);

  useEffect(() => {
    if (state !== 'open') return;
    const timer = setInterval(() => {
      if (opened.current?.closed) setState('closed');
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

  // Nobody waits any more for what is decided there.
  useEffect(() => () => opened.current?.close(), []);

  return { state, open };
}
