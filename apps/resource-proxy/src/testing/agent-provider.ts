import { type AgentIdentifier, parseAgentIdentifier, parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { PublicJwk, SigningKey } from '@aauth-stack/aauth/keys';
import { nodeKeys } from '@aauth-stack/aauth/node';
import { type AgentTokenOptions, issueAgentToken } from '@aauth-stack/aauth/tokens';
import { startServer, type TestServer } from './servers.ts';

const identifiers = { allowLoopback: true };

export interface TestAgent {
  readonly id: AgentIdentifier;
  readonly key: SigningKey;
  readonly token: string;
}

export interface TestAgentProvider extends TestServer {
  readonly issuer: string;
  /** `host:port`, with which the identifiers of its agents end. */
  readonly domain: string;
  readonly key: SigningKey;
  /** Paths that were asked for. */
  readonly fetched: string[];
  /** Changes the metadata document. */
  metadata(members: object): void;
  /** Publishes other keys. */
  publish(keys: readonly PublicJwk[]): void;
  /** A new agent with a key of its own. */
  agent(name?: string, options?: Partial<AgentTokenOptions>): Promise<TestAgent>;
}

/** An agent provider that is asked for nothing but its metadata and keys. */
export async function startAgentProvider(name: string, now: () => number): Promise<TestAgentProvider> {
  const key = await newKey('ap-1');
  const fetched: string[] = [];
  let members: object = {};
  let keys: readonly PublicJwk[] = [key.publicJwk];
  const server = await startServer((request, response) => {
    fetched.push(request.url ?? '');
    const documents: Record<string, unknown> = {
      '/.well-known/aauth-agent.json': { issuer, jwks_uri: `${issuer}/.well-known/jwks.json`, ...members },
      '/.well-known/jwks.json': { keys },
    };
    const document = documents[request.url ?? ''];
    response
      .writeHead(document ? 200 : 404, { 'content-type': 'application/json' })
      .end(JSON.stringify(document ?? {}));
  });
  const domain = `${name}.localhost:${server.port}`;
  const issuer = `http://${domain}`;
  return {
    ...server,
    issuer,
    domain,
    key,
    fetched,
    metadata: (next) => {
      members = next;
    },
    publish: (next) => {
      keys = next;
    },
    async agent(local = 'supply-chain-4f7k2m9q', options = {}) {
      const agentKey = await newKey();
      const { id } = parseAgentIdentifier(`aauth:${local}@${domain}`);
      const { token } = await issueAgentToken({
        issuer: parseServerIdentifier(issuer, identifiers),
        subject: id,
        key,
        cnf: agentKey.publicJwk,
        now,
        ...options,
      });
      return { id, key: agentKey, token };
    },
  };
}

export async function newKey(kid?: string): Promise<SigningKey> {
  return nodeKeys.signingKey({ ...(await nodeKeys.generate('Ed25519')), ...(kid ? { kid } : {}) });
}
