import { Identifier } from '@aauth-stack/ui';

export function AgentIdentifier({ agent }: { agent: { agent_id: string } }) {
  return <Identifier label="agent identifier" value={agent.agent_id} />;
}
