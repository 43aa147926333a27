import { type Changes, change, sign } from './jwt.ts';
import { createKeyPair, type KeyPair } from './keys.ts';
import { type Party, startParty } from './party.ts';
import { agentToken } from './tokens.ts';

export interface AgentProvider extends Party {
  /** An agent with a key of its own. */
  readonly agent: string;
  readonly agentKey: KeyPair;
  /** The agent's token, with changes it is signed with. */
  token(changes?: Changes, key?: KeyPair): Promise<string>;
}

/** An agent provider with one agent. */
export async function startAgentProvider(options: { personServer?: string } = {}): Promise<AgentProvider> {
  const party = await startParty({ dwk: 'aauth-agent.json', kid: 'ap-1' });
  const agentKey = await createKeyPair('agent');
  const agent = `aauth:buyer@${new URL(party.issuer).host}`;
  return Object.assign(party, {
    agent,
    agentKey,
    token: (changes: Changes = {}, key = party.key) =>
      sign(change(agentToken(party, { agent, agentKey, ...options }), changes), key),
  });
}
