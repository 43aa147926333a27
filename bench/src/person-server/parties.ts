import {
  agentDomain,
  parseAgentIdentifier,
  parseServerIdentifier,
  type ServerIdentifier,
} from '@aauth-stack/aauth/identifiers';
import type { SigningKey } from '@aauth-stack/aauth/keys';
import { nodeKeys } from '@aauth-stack/aauth/node';
import { jwtSignatureKey, signMessage } from '@aauth-stack/aauth/signatures';
import { decodeTokenForDisplay, issueAgentToken, issueResourceToken } from '@aauth-stack/aauth/tokens';
import { listen } from '../proxy/servers.ts';

export interface Agent {
  readonly id: string;
  readonly token: string;
  readonly key: SigningKey;
}

/** A request as it goes out: signed, once. */
export interface SignedRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An agent provider, its agents, and a resource. */
export interface Parties {
  readonly personServer: ServerIdentifier;
  readonly agentProvider: ServerIdentifier;
  readonly resource: ServerIdentifier;
  makeAgent(name: string): Promise<Agent>;
  /** A request for a person token. Each is another one: `word` is told as what the agent wants it for. */
  forPersonToken(agent: Agent, word: string, more?: object): Promise<SignedRequest>;
  /** A request for an auth token, for what the resource answers to a person token. */
  forAuthToken(agent: Agent, personToken: string): Promise<SignedRequest>;
  poll(agent: Agent, path: string, seconds: number): Promise<SignedRequest>;
  close(): void;
}

export async function startParties(personServerPort: number): Promise<Parties> {
  const loopback = { allowLoopback: true };
  const personServer = parseServerIdentifier(`http://person-server.localhost:${personServerPort}`, loopback);
  const newKey = async (kid: string) => nodeKeys.signingKey({ ...(await nodeKeys.generate('Ed25519')), kid });
  const [providerKey, resourceKey] = [await newKey('provider'), await newKey('resource')];
  const pages = new Map<string, unknown>([['/person/bindings', []]]);
  const server = await listen((req, res) => {
    const page = pages.get(req.url ?? '');
    res.writeHead(page ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(page));
  });
  const agentProvider = parseServerIdentifier(`http://agent-provider.localhost:${server.port}`, loopback);
  const resource = parseServerIdentifier(`http://resource.localhost:${server.port}`, loopback);
  pages.set('/.well-known/aauth-agent.json', { issuer: agentProvider, jwks_uri: `${agentProvider}/provider.json` });
  pages.set('/provider.json', { keys: [{ ...providerKey.publicJwk, kid: 'provider' }] });
  const scopes = { scope_descriptions: { read: 'Read' } };
  pages.set('/.well-known/aauth-resource.json', { issuer: resource, jwks_uri: `${resource}/resource.json`, ...scopes });
  pages.set('/resource.json', { keys: [{ ...resourceKey.publicJwk, kid: 'resource' }] });

  const sign = async ({ token, key }: Agent, method: 'GET' | 'POST', path: string, content?: object) => {
    const body = content && JSON.stringify(content);
    const fields: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const { host } = new URL(personServer);
    const message = { method, authority: host, path, query: '', headers: new Headers(fields) };
    const signed = await signMessage(message, {
      key,
      signatureKey: jwtSignatureKey(token),
      created: Math.floor(Date.now() / 1000),
      keys: nodeKeys,
      ...(body !== undefined && { body: new TextEncoder().encode(body) }),
    });
    return { method, path, headers: { host, ...fields, ...signed }, ...(body !== undefined && { body }) };
  };

  return {
    personServer,
    agentProvider,
    resource,
    makeAgent: async (name) => {
      const key = await newKey(name);
      const { id } = parseAgentIdentifier(`aauth:${name}@${agentDomain(agentProvider)}`);
      const { token } = await issueAgentToken({
        issuer: agentProvider,
        subject: id,
        key: providerKey,
        cnf: key.publicJwk,
        personServer,
      });
      return { id, token, key };
    },
    forPersonToken: (agent, word, more = {}) =>
      sign(agent, 'POST', '/person-token', { resource, justification: word, ...more }),
    forAuthToken: async (agent, personToken) => {
      const { sub, jti } = decodeTokenForDisplay(personToken)?.claims ?? {};
      const { token } = await issueResourceToken({
        issuer: resource,
        audience: personServer,
        personServer,
        subject: String(sub),
        presentedJti: String(jti),
        agentJkt: agent.key.thumbprint,
        scope: ['read'],
        key: resourceKey,
      });
      return sign(agent, 'POST', '/auth-token', { resource_token: token, presented_token: personToken });
    },
    poll: async (agent, path, seconds) => {
      const { headers, ...request } = await sign(agent, 'GET', path);
      return { ...request, headers: { ...headers, prefer: `wait=${seconds}` } };
    },
    close: server.close,
  };
}
