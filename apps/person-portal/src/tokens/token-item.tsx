import { Button, Item, Lifetime, Meaning, RelativeTime, Said, Tag } from '@aauth-stack/ui';
import { useState } from 'react';
import type { IssuedToken } from '../api/tokens.ts';
import { ResourceName, Scopes, tokenTypeName } from '../pages/names.tsx';
import { RevokeToken } from './revoke-token.tsx';
import styles from './tokens.module.css';

export interface TokenItemProps {
  token: IssuedToken;
  live: boolean;
  open: boolean;
  onOpen: () => void;
}

export function TokenItem({ token, live, open, onOpen }: TokenItemProps) {
  const [revoking, setRevoking] = useState(false);
  return (
    <>
      <Item
        title={
          <>
            <Said>{token.agent_name}</Said> at <ResourceName issuer={token.audience} name={token.audience_name} />
          </>
        }
        open={open}
        onOpen={onOpen}
        gone={!live}
        state={<TokenState token={token} live={live} />}
        actions={
          live && (
            <Button
              look="refuse"
              aria-label={`Revoke the ${tokenTypeName(token.type).toLowerCase()} of ${token.agent_name} for ${token.audience_name ?? token.audience}`}
              onClick={() => setRevoking(true)}
            >
              Revoke
            </Button>
          )
        }
      >
        {!live && <span>{tokenTypeName(token.type)}</span>}
        {token.type === 'aa-auth+jwt' && <Scopes scopes={token.scope} />}
        {live && (
          <span className={styles.left}>
            <span>
              ends <RelativeTime at={token.expires_at} />
            </span>
            <Lifetime from={token.issued_at} until={token.expires_at} />
          </span>
        )}
        {!live && token.revoked_at !== null && (
          <span>
            revoked <RelativeTime at={token.revoked_at} />
          </span>
        )}
        {!live && token.revoked_at === null && (
          <span>
            ended <RelativeTime at={token.expires_at} />
          </span>
        )}
      </Item>
      {revoking && <RevokeToken token={token} onClose={() => setRevoking(false)} />}
    </>
  );
}

export function TokenState({ token, live }: { token: IssuedToken; live: boolean }) {
  if (token.revoked_at !== null) return <Meaning of="refusal">Revoked</Meaning>;
  if (!live) return <Tag>Expired</Tag>;
  return token.type === 'aa-person+jwt' ? (
    <Meaning of="identity">Person token</Meaning>
  ) : (
    <Meaning of="exchange">Auth token</Meaning>
  );
}
