import { Button, Fact, Facts, Meaning, Quoted, RelativeTime, Said } from '@aauth-stack/ui';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Binding } from '../api/agents.ts';
import styles from '../pages/details.module.css';
import { count, ProviderName, Thumbprint } from '../pages/names.tsx';
import { AgentIdentifier } from './agent-identifier.tsx';
import { RevokeAgent } from './revoke-agent.tsx';

/** An agent that the person once approved. */
export function BindingDetails({ binding }: { binding: Binding }) {
  const [revoking, setRevoking] = useState(false);
  const { stable_key_thumbprints: thumbprints } = binding;
  return (
    <>
      {binding.revoked ? <Meaning of="refusal">Revoked</Meaning> : <Meaning of="identity">Active</Meaning>}
      <Facts>
        <Fact name="Identifier">
          <AgentIdentifier agent={binding} />
        </Fact>
        <Fact name="Agent provider">
          <ProviderName issuer={binding.agent_provider} />
        </Fact>
        <Fact name="Approved">
          <RelativeTime at={binding.created_at} />
        </Fact>
        <Fact name="Last seen">{binding.last_seen_at ? <RelativeTime at={binding.last_seen_at} /> : 'never'}</Fact>
        {binding.revoked_at && (
          <Fact name="Revoked">
            <RelativeTime at={binding.revoked_at} />
          </Fact>
        )}
        <Fact name={thumbprints.length === 1 ? 'Key' : 'Keys'}>
          {thumbprints.length === 0 ? (
            'none'
          ) : (
            <ul className={styles.keys}>
              {thumbprints.map((jkt) => (
                <li key={jkt}>
                  <Thumbprint jkt={jkt} />
                </li>
              ))}
            </ul>
          )}
        </Fact>
        <Fact name="Live tokens">
          {binding.live_tokens === 0 ? (
            'none'
          ) : (
            <Link href={`/tokens?${new URLSearchParams({ agent: binding.agent_id })}`}>
              {count(binding.live_tokens, 'token')}
            </Link>
          )}
        </Fact>
        <Fact name="Everything it did">
          <Link href={`/activity?${new URLSearchParams({ q: binding.agent_id })}`}>Activity</Link>
        </Fact>
      </Facts>
      {(binding.platform !== null || binding.device !== null) && (
        <Quoted by="agent" heading="The agent says it runs on">
          <Said>{[binding.device, binding.platform].filter((part) => part !== null).join(', ')}</Said>
        </Quoted>
      )}
      {!binding.revoked && (
        <div className={styles.actions}>
          <Button look="refuse" onClick={() => setRevoking(true)}>
            Revoke
          </Button>
        </div>
      )}
      {revoking && <RevokeAgent agent={binding} onClose={() => setRevoking(false)} />}
    </>
  );
}
