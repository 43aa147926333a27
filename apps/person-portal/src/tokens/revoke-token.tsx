import { Button, Dialog, Said, useAnnounce } from '@aauth-stack/ui';
import { useApi } from '../api/api.ts';
import type { IssuedToken } from '../api/tokens.ts';
import { ResourceName, tokenTypeName } from '../pages/names.tsx';
import { Problem } from '../pages/problem.tsx';
import { useChange } from '../pages/use-change.ts';

export interface RevokeTokenProps {
  token: IssuedToken;
  onClose: () => void;
}

export function RevokeToken({ token, onClose }: RevokeTokenProps) {
  const api = useApi();
  const announce = useAnnounce();
  const revoke = useChange(async () => {
    await api.change(`/person/issued-tokens/${encodeURIComponent(token.jti)}/revoke`, { method: 'POST' });
    announce('Revoked the token.');
    onClose();
  }, ['tokens', 'bindings', 'consents', 'activity']);
  return (
    <Dialog
      title={`Revoke this ${tokenTypeName(token.type).toLowerCase()}?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button look="refuse" busy={revoke.isPending} onClick={() => revoke.mutate(undefined)}>
            Revoke this token
          </Button>
        </>
      }
    >
      <p>
        <ResourceName issuer={token.audience} name={token.audience_name} /> is told at once and refuses it from then on,
        and with it whatever was issued on its behalf.
      </p>
      <p>
        <Said>{token.agent_name}</Said> may ask for another one. To stop that, withdraw the consent or revoke the agent.
      </p>
      {revoke.error && <Problem title="The token was not revoked" error={revoke.error} />}
    </Dialog>
  );
}
