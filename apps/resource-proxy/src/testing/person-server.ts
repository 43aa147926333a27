import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import {
  type AuthTokenOptions,
  type IssuedAuthToken,
  type IssuedPersonToken,
  issueAuthToken,
  issuePersonToken,
  type PersonTokenOptions,
} from '@aauth-stack/aauth/tokens';
import type { TestAgent } from './agent-provider.ts';
import { startIssuer, type TestIssuer } from './issuer.ts';

export interface TestPersonServer extends TestIssuer {
  /** A person token for a key, to present at a resource. */
  person(
    agent: Pick<TestAgent, 'key'>,
    audience: string,
    options?: Partial<PersonTokenOptions>,
  ): Promise<IssuedPersonToken>;
  /** An auth token for a key at a resource. */
  grant(agent: Pick<TestAgent, 'key'>, audience: string, options?: Partial<AuthTokenOptions>): Promise<IssuedAuthToken>;
}

/** The person, as the resources of the tests know them. */
export const subject = 'directed-person-1';

/** A Person Server that gives whatever token a test asks for. */
export async function startPersonServer(name: string, now: () => number): Promise<TestPersonServer> {
  const server = await startIssuer(name, 'aauth-person.json', 'ps-1');
  const common = ({ key }: Pick<TestAgent, 'key'>, audience: string) => ({
    issuer: server.issuer,
    audience: parseServerIdentifier(audience, { allowLoopback: true }),
    subject,
    key: server.key,
    cnf: key.publicJwk,
    now,
    notAfter: [],
  });
  return {
    ...server,
    person: (agent, audience, options) => issuePersonToken({ ...common(agent, audience), ...options }),
    grant: (agent, audience, options) =>
      issueAuthToken({
        ...common(agent, audience),
        personServer: server.issuer,
        scope: ['supply-chain:check', 'supply-chain:read'],
        ...options,
      }),
  };
}
