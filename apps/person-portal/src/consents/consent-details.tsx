import { Button, Fact, Facts, Identifier, Markdown, Quoted, RelativeTime } from '@aauth-stack/ui';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Consent } from '../api/consent.ts';
import styles from '../pages/details.module.css';
import { count, ProviderName } from '../pages/names.tsx';
import { WithdrawConsent } from './withdraw-consent.tsx';

export function ConsentDetails({ consent }: { consent: Consent }) {
  const [withdrawing, setWithdrawing] = useState(false);
  return (
    <>
      <Facts>
        <Fact name="Agent">
          <Identifier label="agent identifier" value={consent.agent_id} />
        </Fact>
        <Fact name="Agent provider">
          <ProviderName issuer={consent.agent_provider} />
        </Fact>
        <Fact name="Resource">
          <Identifier label="address of the resource" value={consent.resource} />
        </Fact>
        <Fact name="Given">
          <RelativeTime at={consent.given_at} />
        </Fact>
        <Fact name="Last used">
          {consent.last_used_at === null ? 'never' : <RelativeTime at={consent.last_used_at} />}
        </Fact>
        <Fact name="Holds">
          {consent.remembered
            ? 'until you withdraw it: you are not asked again'
            : 'for one request: you are asked again'}
        </Fact>
        <Fact name="Live tokens">
          {consent.live_tokens === 0 ? (
            'none'
          ) : (
            <Link href={`/tokens?${new URLSearchParams({ agent: consent.agent_id })}`}>
              {count(consent.live_tokens, 'token')}
            </Link>
          )}
        </Fact>
      </Facts>
      {consent.scopes.length > 0 && (
        <Quoted by="resource" heading="The resource says these let the agent">
          <dl className={styles.scopes}>
            {consent.scopes.map((scope) => (
              <div key={scope}>
                <dt>
                  <code>{scope}</code>
                </dt>
                <dd>
                  <Markdown>{consent.scope_descriptions[scope] ?? 'The resource does not describe it.'}</Markdown>
                </dd>
              </div>
            ))}
          </dl>
        </Quoted>
      )}
      <div className={styles.actions}>
        <Button look="refuse" onClick={() => setWithdrawing(true)}>
          Withdraw
        </Button>
      </div>
      {withdrawing && <WithdrawConsent consent={consent} onClose={() => setWithdrawing(false)} />}
    </>
  );
}
