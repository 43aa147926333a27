import { createDiscovery } from '../../src/discovery/discovery.ts';
import type { Discovery } from '../../src/discovery/types.ts';
import {
  type AgentIdentifier,
  agentDomain,
  parseAgentIdentifier,
  parseServerIdentifier,
  type ServerIdentifier,
} from '../../src/identifiers.ts';
import type { SigningKey } from '../../src/keys/types.ts';
import { nodeKeys } from '../../src/node/keys.ts';
import { issueAgentToken } from '../../src/tokens/agent-token.ts';
import { signJwt } from '../../src/tokens/jwt.ts';
import { createTestClock, type TestClock } from './clock.ts';
import { createKey } from './keys.ts';
import { createTestWeb, type TestWeb } from './web.ts';

type Members = Readonly<Record<string, unknown>>;

/** An agent provider with its key published, an agent of it, and everything that verifying its tokens takes. */
export interface TestParties {
  readonly clock: TestClock;
  readonly web: TestWeb;
  readonly discovery: Discovery;
  readonly issuer: ServerIdentifier;
  readonly issuerKey: SigningKey;
  readonly agent: AgentIdentifier;
  readonly agentKey: SigningKey;
  /** The agent's token; with changes to its claims or header, it is signed all the same. */
  token(changes?: { claims?: Members; header?: Members; type?: string; key?: SigningKey }): Promise<string>;
}

export async function createTestParties(name = 'https://ap.example'): Promise<TestParties> {
  const clock = createTestClock();
  const web = createTestWeb();
  const issuer = parseServerIdentifier(name, { allowLoopback: true });
  const agent = parseAgentIdentifier(`aauth:demo@${agentDomain(issuer)}`).id;
  const [issuerKey, agentKey] = [await createKey('ap-1'), await createKey()];
  web.publishIssuer(issuer, 'aauth-agent.json', [issuerKey.publicJwk]);
  const discovery = createDiscovery({
    fetch: web.fetch,
    keys: nodeKeys,
    now: clock.now,
    identifiers: { allowLoopback: true },
  });
  return {
    clock,
    web,
    discovery,
    issuer,
    issuerKey,
    agent,
    agentKey,
    async token({ claims, header, type = 'aa-agent+jwt', key = issuerKey } = {}) {
      const cnf = agentKey.publicJwk;
      const issued = await issueAgentToken({ issuer, subject: agent, key: issuerKey, cnf, now: clock.now });
      return signJwt(type, { ...issued.claims, ...claims }, key, header);
    },
  };
}
