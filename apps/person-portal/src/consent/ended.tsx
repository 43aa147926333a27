import { Meaning, RelativeTime, Said } from '@aauth-stack/ui';
import { useEffect } from 'react';
import { Link } from 'wouter';
import type { ConsentRequest, ConsentStatus } from '../api/consent.ts';
import { hostOf, ResourceName, Scopes } from '../pages/names.tsx';
import styles from './ended.module.css';

export interface EndedProps {
  request: ConsentRequest;
  /** It was decided here, just now. */
  here: boolean;
}

type End = Exclude<ConsentStatus, 'pending' | 'interacting' | 'clarifying'>;

export function isEnded(status: ConsentStatus): status is End {
  return status !== 'pending' && status !== 'interacting' && status !== 'clarifying';
}

const words: Readonly<Record<End, { title: string; of: 'consent' | 'refusal'; word: string }>> = {
  approved: { title: 'You approved', of: 'consent', word: 'Approved' },
  denied: { title: 'You denied', of: 'refusal', word: 'Denied' },
  expired: { title: 'This request has expired', of: 'refusal', word: 'Expired' },
  abandoned: { title: 'This request has expired', of: 'refusal', word: 'Expired' },
  cancelled: { title: 'The agent took its request back', of: 'refusal', word: 'Cancelled' },
  revoked: { title: 'The agent was revoked', of: 'refusal', word: 'Revoked' },
};

/** What became of the request, and the way on. After a decision here the browser goes back by itself. */
export function Ended({ request, here }: EndedProps) {
  const { status, agent, resource, granted_scopes: granted, redirect_url: redirect } = request;
  const onward = redirect !== null && isWebAddress(redirect) ? redirect : undefined;
  useEffect(() => {
    if (here && onward !== undefined) location.assign(onward);
  }, [here, onward]);
  if (!isEnded(status)) return null;
  const { title, of, word } = words[status];
  const isDecided = status === 'approved' || status === 'denied';
  return (
    <div className={styles.ended} role="status">
      <div>
        <Meaning of={of}>{word}</Meaning>
      </div>
      <h1>{isDecided && !here ? 'This request has been decided already' : title}</h1>
      <p>
        {status === 'approved' && (
          <>
            <Said>{agent.agent_name}</Said> gets its access at{' '}
            <ResourceName issuer={resource.issuer} name={resource.name} />.
            {request.remembered && ' You will not be asked about this again.'}
          </>
        )}
        {status === 'denied' && (
          <>
            <Said>{agent.agent_name}</Said> gets nothing at{' '}
            <ResourceName issuer={resource.issuer} name={resource.name} />, and is told that you denied.
          </>
        )}
        {(status === 'expired' || status === 'abandoned') && (
          <>
            Nobody decided in time, so <Said>{agent.agent_name}</Said> got nothing. Start it again, and it asks again.
          </>
        )}
        {status === 'cancelled' && 'There is nothing left to decide.'}
        {status === 'revoked' && 'It can ask for nothing any more. There is nothing left to decide.'}
      </p>
      {granted !== null && granted.length > 0 && granted.length < request.scopes.length && (
        <p>
          Granted: <Scopes scopes={granted} />
        </p>
      )}
      {request.decided_at !== null && !here && (
        <p className={styles.when}>
          {word} <RelativeTime at={request.decided_at} />
        </p>
      )}
      {onward === undefined ? (
        <p>
          You can close this page, or see <Link href="/requests">what else waits for you</Link>.
        </p>
      ) : (
        <p>
          {here && 'Taking you back. '}
          <a href={onward}>Back to {hostOf(onward)}</a>
        </p>
      )}
    </div>
  );
}

function isWebAddress(url: string): boolean {
  return URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol);
}
