import { Button, EmptyState, Item, ItemList, Meaning, RelativeTime, Said, Section } from '@aauth-stack/ui';
import { Bot } from 'lucide-react';
import { useState } from 'react';
import type { Binding } from '../api/agents.ts';
import styles from '../pages/details.module.css';
import { count, hostOf } from '../pages/names.tsx';
import type { Opened } from '../pages/use-opened.ts';
import { AgentIdentifier } from './agent-identifier.tsx';
import { RevokeAgent } from './revoke-agent.tsx';

export interface AgentListProps {
  agents: readonly Binding[];
  opened: Opened;
}

/** The agents that act for the person. */
export function ActiveAgents({ agents, opened }: AgentListProps) {
  const [revoking, setRevoking] = useState<Binding>();
  return (
    <Section title="Active agents" count={agents.length}>
      {agents.length === 0 ? (
        <EmptyState icon={Bot} title="No agent acts for you">
          Start one and approve it above: it may then identify itself as yours.
        </EmptyState>
      ) : (
        <ItemList label="Active agents">
          {agents.map((agent) => (
            <Item
              key={agent.agent_id}
              title={<Said>{agent.agent_name}</Said>}
              open={opened.id === agent.agent_id}
              onOpen={() => opened.open(agent.agent_id)}
              state={<Meaning of="identity">Active</Meaning>}
              actions={
                <Button look="refuse" aria-label={`Revoke ${agent.agent_name}`} onClick={() => setRevoking(agent)}>
                  Revoke
                </Button>
              }
            >
              <AgentIdentifier agent={agent} />
              <span>
                {agent.last_seen_at ? (
                  <>
                    last seen <RelativeTime at={agent.last_seen_at} />
                  </>
                ) : (
                  'never seen'
                )}
              </span>
              <span>{count(agent.live_tokens, 'token')}</span>
            </Item>
          ))}
        </ItemList>
      )}
      {revoking && <RevokeAgent agent={revoking} onClose={() => setRevoking(undefined)} />}
    </Section>
  );
}

/** Those that no longer do, folded. */
export function RevokedAgents({ agents, opened }: AgentListProps) {
  if (agents.length === 0) return null;
  return (
    <details className={styles.fold}>
      <summary>{count(agents.length, 'revoked agent')}</summary>
      <ItemList label="Revoked agents">
        {agents.map((agent) => (
          <Item
            key={agent.agent_id}
            title={<Said>{agent.agent_name}</Said>}
            open={opened.id === agent.agent_id}
            onOpen={() => opened.open(agent.agent_id)}
            state={<Meaning of="refusal">Revoked</Meaning>}
          >
            <AgentIdentifier agent={agent} />
            <span>{hostOf(agent.agent_provider)}</span>
            {agent.revoked_at && (
              <span>
                revoked <RelativeTime at={agent.revoked_at} />
              </span>
            )}
          </Item>
        ))}
      </ItemList>
    </details>
  );
}
