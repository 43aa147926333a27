import {
  type AgentProvider,
  type Changes,
  type KeyPair,
  type Presentation,
  present,
  type Resource,
  type Response,
  readRequirement,
  startAgentProvider,
  startResource,
} from '@aauth-stack/by-hand';
import { expect, vi } from 'vitest';
import { startDeployment } from './deployment.ts';

/** Who signs a request to the server, presenting which token. */
export interface Sender {
  readonly token: string;
  readonly key: KeyPair;
}

/** The server among parties that were made with jose and httpsig alone. The person has approved the one agent. */
export interface HandMadeWorld {
  readonly origin: string;
  readonly provider: AgentProvider;
  /** Wants auth tokens. */
  readonly resource: Resource;
  /** Wants person tokens, and calls others. */
  readonly intermediary: Resource;
  asPerson(path: string, init?: RequestInit): Promise<globalThis.Response>;
  agent(changes?: Changes): Promise<Sender>;
  post(path: string, body: object, sender: Sender, options?: Presentation): Promise<Response>;
  /** A person token for the resource, unless `at` is another. */
  personToken(options?: { sender?: Sender; at?: Resource; upstreamToken?: string }): Promise<string>;
  /** The resource token that the resource answers a person token with. */
  challenge(presented: string, key?: KeyPair): Promise<string>;
  authToken(presented: string): Promise<string>;
  close(): Promise<void>;
}

/** What AAuth has a request with a body cover; httpsig adds `content-digest`. */
export const components = ['@method', '@authority', '@path', 'signature-key', 'content-type'];

export async function startHandMadeWorld(): Promise<HandMadeWorld> {
  const deployment = await startDeployment();
  // httpsig fetches keys through the resolver of the system, which need not know names under localhost.
  const origin = `http://127.0.0.1:${deployment.port}`;
  const provider = await startAgentProvider({ personServer: origin });
  const resource = await startResource({ access: 'auth-token' });
  const intermediary = await startResource({ access: 'person-token', callsOthers: true });
  await deployment.restart({
    PERSON_SERVER_URL: origin,
    AGENT_PROVIDER_URL: provider.issuer,
    AAUTH_CONSENT_POLICY: 'standing',
  });
  await vi.waitFor(
    async () => {
      const approval = await deployment.asPerson(`/person/registrations/${provider.enrolment}/approve`, {
        method: 'POST',
      });
      expect(approval.status).toBe(200);
    },
    { timeout: 30_000 },
  );

  const world: HandMadeWorld = {
    origin,
    provider,
    resource,
    intermediary,
    asPerson: deployment.asPerson,
    agent: async (changes) => ({ token: await provider.token(changes), key: provider.agentKey }),
    post: (path, body, { token, key }, options) =>
      present(`${origin}${path}`, token, key, { method: 'POST', body: JSON.stringify(body), components, ...options }),
    async personToken({ sender, at = resource, upstreamToken } = {}) {
      const body = { resource: at.origin, upstream_token: upstreamToken };
      return tokenIn(await world.post('/person-token', body, sender ?? (await world.agent())), 'person_token');
    },
    async challenge(presented, key = provider.agentKey) {
      const { status, headers } = await present(`${resource.origin}/stock`, presented, key);
      expect(status).toBe(401);
      return `${readRequirement(headers.get('aauth-requirement')).parameters['resource-token']}`;
    },
    async authToken(presented) {
      const exchange = { resource_token: await world.challenge(presented), presented_token: presented };
      return tokenIn(await world.post('/auth-token', exchange, await world.agent()), 'auth_token');
    },
    async close() {
      await deployment.stop();
      await Promise.all([intermediary, resource, provider].map((party) => party.close()));
    },
  };
  return world;
}

/** The token in an answer that has nothing beside it but its lifetime. */
export function tokenIn({ status, text }: Response, member: 'person_token' | 'auth_token'): string {
  expect({ status, problem: status === 200 ? '' : text }).toEqual({ status: 200, problem: '' });
  const { [member]: token, expires_in: expiresIn, ...rest } = JSON.parse(text);
  expect(rest).toEqual({});
  expect(expiresIn).toBeGreaterThan(0);
  return token;
}

/** What a refusal says. */
export function problemOf({ status, headers, text }: Response) {
  const { error } = JSON.parse(text);
  return { status, error, signatureError: headers.get('signature-error') };
}
