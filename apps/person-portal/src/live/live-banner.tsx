import { Banner } from '@aauth-stack/ui';
import { useLiveState } from './live-updates.tsx';

/** Says that what is on the page may be out of date. */
export function LiveBanner() {
  const state = useLiveState();
  return (
    <Banner>
      {state === 'offline' && (
        <>
          The Person Server is not answering at <code>{location.host}</code>. This page shows what it last knew, and
          goes on trying. Start the stack with <code>scripts/start-infra.sh</code>.
        </>
      )}
    </Banner>
  );
}
