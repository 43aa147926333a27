import { Button, Dialog, Said, useAnnounce } from '@aauth-stack/ui';
import type { Binding } from '../api/agents.ts';
import { useApi } from '../api/api.ts';
import { count } from '../pages/names.tsx';
import { Problem } from '../pages/problem.tsx';
import { useChange } from '../pages/use-change.ts';

export interface RevokeAgentProps {
  agent: Binding;
  onClose: () => void;
}

/** Says what revoking an agent does, then does it. */
export function RevokeAgent({ agent, onClose }: RevokeAgentProps) {
  const api = useApi();
  const announce = useAnnounce();
  const revoke = useChange(async () => {
    await api.change(`/person/bindings/${encodeURIComponent(agent.agent_id)}/revoke`, { method: 'POST' });
    announce(`Revoked ${agent.agent_name}.`);
    onClose();
  }, ['bindings', 'tokens', 'activity', 'requests', 'consents']);
  return (
    <Dialog
      title={`Revoke ${agent.agent_name}?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button look="refuse" busy={revoke.isPending} onClick={() => revoke.mutate(undefined)}>
            Revoke this agent
          </Button>
        </>
      }
    >
      <p>
        The next request of <Said>{agent.agent_name}</Said> is refused everywhere
        {agent.live_tokens > 0 && <>, and its {count(agent.live_tokens, 'live token')} stop working</>}.
      </p>
      <p>This cannot be undone: to act for you again, it has to enrol with a new key.</p>
      {revoke.error && <Problem title="The agent was not revoked" error={revoke.error} />}
    </Dialog>
  );
}
