import { type AgentIdentifier, parseAgentIdentifier } from '@aauth-stack/aauth/identifiers';
import type { SigningKey } from '@aauth-stack/aauth/keys';
import { type AgentTokenOptions, type IssuedAgentToken, issueAgentToken } from '@aauth-stack/aauth/tokens';
import { newKey, startIssuer, type TestIssuer } from './issuer.ts';

export interface TestAgent {
  readonly id: AgentIdentifier;
  readonly key: SigningKey;
  readonly token: string;
  readonly issued: IssuedAgentToken;
}

export interface TestAgentProvider extends TestIssuer {
  /** A new agent with a key of its own. */
  agent(name?: string, options?: Partial<AgentTokenOptions>): Promise<TestAgent>;
}

export async function startAgentProvider(name: string, now: () => number): Promise<TestAgentProvider> {
  const server = await startIssuer(name, 'aauth-agent.json', 'ap-1');
  return {
    ...server,
    async agent(local = 'supply-chain-4f7k2m9q', options = {}) {
      const key = await newKey();
      const { id } = parseAgentIdentifier(`aauth:${local}@${server.domain}`);
      const issued = await issueAgentToken({
        issuer: server.issuer,
        subject: id,
        key: server.key,
        cnf: key.publicJwk,
        now,
        ...options,
      });
      return { id, key, token: issued.token, issued };
    },
  };
}
