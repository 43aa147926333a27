import { Fact, Facts, Identifier, Quoted, RelativeTime, Said } from '@aauth-stack/ui';
import type { ConsentRequest } from '../api/consent.ts';
import { hostOf, Thumbprint } from '../pages/names.tsx';
import { Part } from './part.tsx';

/** Who asks: what the agent provider vouches for, then what the agent says of itself. */
export function Who({ agent, on_behalf_of: caller }: Pick<ConsentRequest, 'agent' | 'on_behalf_of'>) {
  const runsOn = [agent.device, agent.platform].filter((part) => part !== null).join(', ');
  return (
    <Part title="Who asks">
      <Facts>
        <Fact name="Agent">
          <Said>{agent.agent_name}</Said>
        </Fact>
        <Fact name="Identifier">
          <Identifier label="agent identifier" value={agent.agent_id} />
        </Fact>
        <Fact name="Agent provider">
          <code>{hostOf(agent.agent_provider)}</code>
          {agent.provider_name !== null && (
            <>
              {' '}
              “<Said>{agent.provider_name}</Said>”
            </>
          )}
        </Fact>
        <Fact name="Key">
          <Thumbprint jkt={agent.jkt} />
        </Fact>
        <Fact name="Your agent">
          {agent.approved_at === null ? (
            'not yet: this is its first request'
          ) : (
            <>
              approved <RelativeTime at={agent.approved_at} />
            </>
          )}
        </Fact>
        {caller !== null && (
          <Fact name="To serve">
            <Said>{caller.agent_name}</Said>, which called it
          </Fact>
        )}
      </Facts>
      {runsOn !== '' && (
        <Quoted by="agent" heading="The agent says it runs on">
          <Said>{runsOn}</Said>
        </Quoted>
      )}
    </Part>
  );
}
