import { Button, Fact, Facts, Identifier, Lifetime, RelativeTime, useNow } from '@aauth-stack/ui';
import { useState } from 'react';
import { Link } from 'wouter';
import type { IssuedToken } from '../api/tokens.ts';
import styles from '../pages/details.module.css';
import { ProviderName, Scopes, Thumbprint } from '../pages/names.tsx';
import { isLive } from './queries.ts';
import { RevokeToken } from './revoke-token.tsx';
import { TokenState } from './token-item.tsx';

const reasons: Readonly<Record<IssuedToken['reason'], string>> = {
  'standing-policy': 'your standing policy',
  consent: 'you approved it',
  'remembered-consent': 'a consent of yours that is remembered',
};

const notices: Readonly<Record<NonNullable<IssuedToken['notice']>, string>> = {
  waiting: 'not yet: it does not answer, and is told as soon as it does',
  told: 'yes',
  unsupported: 'no: it takes no such notices, so the token works there until it expires',
  refused: 'yes, but it refused the notice, so the token may work there until it expires',
};

export function TokenDetails({ token }: { token: IssuedToken }) {
  const [revoking, setRevoking] = useState(false);
  const live = isLive(token, useNow());
  return (
    <>
      <div>
        <TokenState token={token} live={live} />
      </div>
      <Facts>
        <Fact name="Agent">
          <Identifier label="agent identifier" value={token.agent_id} />
        </Fact>
        <Fact name="Agent provider">
          <ProviderName issuer={token.agent_provider} />
        </Fact>
        {token.on_behalf_of !== null && (
          <Fact name="To serve">
            <Identifier label="agent identifier" value={token.on_behalf_of} />
          </Fact>
        )}
        <Fact name="Audience">
          <Identifier label="audience" value={token.audience} />
        </Fact>
        <Fact name="Knows you as">
          <Identifier label="identifier of yours" value={token.subject} />
        </Fact>
        {token.type === 'aa-auth+jwt' && (
          <Fact name="Scope">
            <Scopes scopes={token.scope} />
          </Fact>
        )}
        {token.account !== null && <Fact name="Account">{token.account}</Fact>}
        <Fact name="Granted because">{reasons[token.reason]}</Fact>
        <Fact name="Issued">
          <RelativeTime at={token.issued_at} />
        </Fact>
        <Fact name="Expires">
          <RelativeTime at={token.expires_at} />
          {live && <Lifetime from={token.issued_at} until={token.expires_at} />}
        </Fact>
        {token.revoked_at !== null && (
          <Fact name="Revoked">
            <RelativeTime at={token.revoked_at} />
          </Fact>
        )}
        {token.notice !== null && <Fact name="Resource was told">{notices[token.notice]}</Fact>}
        <Fact name="Bound to key">
          <Thumbprint jkt={token.jkt} />
        </Fact>
        <Fact name="Signed with">
          <Identifier label="key id" value={token.kid} />
        </Fact>
        <Fact name="Token id">
          <Identifier label="token id" value={token.jti} />
        </Fact>
        <Fact name="History">
          <Link href={`/activity?${new URLSearchParams({ q: token.jti })}`}>Activity</Link>
        </Fact>
      </Facts>
      {live && (
        <div className={styles.actions}>
          <Button look="refuse" onClick={() => setRevoking(true)}>
            Revoke
          </Button>
        </div>
      )}
      {revoking && <RevokeToken token={token} onClose={() => setRevoking(false)} />}
    </>
  );
}
