import { Button, Dialog, Said, useAnnounce } from '@aauth-stack/ui';
import { useApi } from '../api/api.ts';
import { type Consent, withdrawnSchema } from '../api/consent.ts';
import { count, ResourceName } from '../pages/names.tsx';
import { Problem } from '../pages/problem.tsx';
import { useChange } from '../pages/use-change.ts';

export interface WithdrawConsentProps {
  consent: Consent;
  onClose: () => void;
}

export function WithdrawConsent({ consent, onClose }: WithdrawConsentProps) {
  const api = useApi();
  const announce = useAnnounce();
  const withdraw = useChange(async () => {
    const path = `/person/consents/${encodeURIComponent(consent.consent_id)}/withdraw`;
    const { revoked_tokens: revoked } = await api.changeAndRead(path, { method: 'POST' }, withdrawnSchema);
    announce(`Withdrawn. ${count(revoked, 'token')} revoked.`);
    onClose();
  }, ['consents', 'tokens', 'bindings', 'activity']);
  return (
    <Dialog
      title="Withdraw this consent?"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button look="refuse" busy={withdraw.isPending} onClick={() => withdraw.mutate(undefined)}>
            Withdraw this consent
          </Button>
        </>
      }
    >
      <p>
        <Said>{consent.agent_name}</Said> has to ask you again before it gets access at{' '}
        <ResourceName issuer={consent.resource} name={consent.resource_name} />
        {consent.live_tokens > 0 && <>, and its {count(consent.live_tokens, 'live token')} for it stop working</>}.
      </p>
      {withdraw.error && <Problem title="The consent was not withdrawn" error={withdraw.error} />}
    </Dialog>
  );
}
