import { ButtonLink } from '@aauth-stack/ui';
import { useEffect } from 'react';
import { consentChannel } from '../consent/consent-window.ts';
import { usePageTitle } from '../pages/page-title.ts';

/** What is said by a window that closes at once may never be heard; whoever hears it closes the window before this. */
const closesAfterMilliseconds = 1500;

/** Where people come back to after they have decided: tells the page that sent them, and closes itself. */
export function AuthCallbackPage() {
  const parameters = new URLSearchParams(window.location.search);
  const requestId = parameters.get('request_id');
  const error = parameters.get('error');
  const title = error === null ? 'Thank you' : 'Nothing was granted';
  usePageTitle(title);

  useEffect(() => {
    const channel = new BroadcastChannel(consentChannel);
    channel.postMessage({ type: 'aauth-consent-complete', request_id: requestId, error });
    const timer = setTimeout(() => window.close(), closesAfterMilliseconds);
    return () => {
      clearTimeout(timer);
      channel.close();
    };
  }, [requestId, error]);

  return (
    <>
      <h1>{title}</h1>
      <p>The run {error === null ? 'goes on' : 'has been told'}. You can close this window.</p>
      {requestId !== null && <ButtonLink href={`/runs/${encodeURIComponent(requestId)}`}>Show the run</ButtonLink>}
    </>
  );
}
