import { Button, Fact, Facts, Identifier, Lifetime, Quoted, RelativeTime, Said } from '@aauth-stack/ui';
import type { Registration } from '../api/agents.ts';
import styles from '../pages/details.module.css';
import { ProviderName, Thumbprint } from '../pages/names.tsx';
import { Problem } from '../pages/problem.tsx';
import { useEnrolmentDecision } from './use-enrolment-decision.ts';

/** An agent that waits: what it says of itself, what its provider knows, and what approving it means. */
export function RegistrationDetails({ registration }: { registration: Registration }) {
  const { decide, pending, done, error } = useEnrolmentDecision(registration);
  return (
    <>
      <Quoted by="agent" heading="The agent says its name is">
        <Said>{registration.agent_name}</Said>
      </Quoted>
      <Facts>
        <Fact name="Key thumbprint">
          <Thumbprint jkt={registration.stable_jkt} />
        </Fact>
        <Fact name="Agent provider">
          <ProviderName issuer={registration.agent_provider} />
        </Fact>
        {registration.callback && (
          <Fact name="Sends you back to">
            <Identifier label="address" value={registration.callback} />
          </Fact>
        )}
        <Fact name="Asked">
          <RelativeTime at={registration.created_at} />
        </Fact>
        <Fact name="Expires">
          <RelativeTime at={registration.expires_at} />
          <Lifetime from={registration.created_at} until={registration.expires_at} />
        </Fact>
      </Facts>
      <p className={styles.hint}>
        Approve it if you started it and the thumbprint is the one that it shows. It may then identify itself as your
        agent until you revoke it.
      </p>
      {error && <Problem title="Your decision was not carried out" error={error} />}
      <div className={styles.actions}>
        <Button
          look="approve"
          busy={pending === 'approve'}
          disabled={done !== undefined}
          onClick={() => decide('approve')}
        >
          Approve
        </Button>
        <Button look="refuse" busy={pending === 'deny'} disabled={done !== undefined} onClick={() => decide('deny')}>
          Deny
        </Button>
      </div>
    </>
  );
}
