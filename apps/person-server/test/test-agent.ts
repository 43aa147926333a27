import { parseAgentIdentifier } from '@aauth-stack/aauth/identifiers';
import type { SigningKey } from '@aauth-stack/aauth/keys';
import { jwtSignatureKey, signMessage } from '@aauth-stack/aauth/signatures';
import { type AgentTokenOptions, decodeTokenForDisplay, issueAgentToken } from '@aauth-stack/aauth/tokens';
import { newKey } from './agent-provider-peer.ts';
import type { Deployment } from './deployment.ts';
import type { ResourcePeer } from './resource-peer.ts';

/** Somebody with an agent token and its key. */
export interface TestAgent {
  readonly id: string;
  readonly token: string;
  readonly key: SigningKey;
}

/** What a token endpoint answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What asking a server takes. */
type Reachable = Pick<Deployment, 'origin' | 'clock' | 'request'>;

/** An agent token of the deployment's own provider. */
export async function agentTokenOf(
  { peer, clock }: Pick<Deployment, 'peer' | 'clock'>,
  id: string,
  key: SigningKey,
  altered: Partial<AgentTokenOptions> = {},
): Promise<TestAgent> {
  const { token } = await issueAgentToken({
    issuer: peer.issuer,
    subject: parseAgentIdentifier(id).id,
    key: peer.key,
    cnf: key.publicJwk,
    personServer: peer.personServer,
    now: clock.now,
    ...altered,
  });
  return { id, token, key };
}

/** An agent that the person has approved. */
export async function approvedAgent(deployment: Deployment, name = 'Backend App'): Promise<TestAgent> {
  const { id } = await deployment.peer.enrol(name);
  const response = await deployment.asPerson(`/person/registrations/${id}/approve`, { method: 'POST' });
  const { agent_id: agentId } = Object(await response.json());
  return agentTokenOf(deployment, agentId, await newKey('ephemeral'));
}

/** The latest `created` by key: Ed25519 is deterministic, so of two requests alike the second would be a replay. */
const latest = new WeakMap<SigningKey, number>();

/** Sends a request to a token endpoint, signed as the agent. */
export async function ask(
  { origin, clock, request }: Reachable,
  { token, key }: Pick<TestAgent, 'token' | 'key'>,
  path: string,
  parameters: object,
): Promise<Answer> {
  const created = Math.max(Math.floor(clock.now()), (latest.get(key) ?? 0) + 1);
  latest.set(key, created);
  const body = new TextEncoder().encode(JSON.stringify(parameters));
  const fields = { 'content-type': 'application/json' };
  const message = { method: 'POST', authority: new URL(origin).host, path, query: '', headers: new Headers(fields) };
  const signature = await signMessage(message, { key, signatureKey: jwtSignatureKey(token), created, body });
  const response = await request(path, { method: 'POST', headers: { ...fields, ...signature }, body });
  return { status: response.status, headers: response.headers, body: Object(await response.json()) };
}

/** The person token that an agent is granted. */
export async function personToken(
  deployment: Reachable,
  agent: Pick<TestAgent, 'token' | 'key'>,
  resource: ResourcePeer,
  more: object = {},
): Promise<string> {
  return tokenIn(await ask(deployment, agent, '/person-token', { resource: resource.issuer, ...more }), 'person_token');
}

/** The auth token that an agent is granted for what the resource answers to a token. */
export async function authToken(
  deployment: Reachable,
  agent: Pick<TestAgent, 'token' | 'key'>,
  resource: ResourcePeer,
  presented: string,
  more: object = {},
): Promise<string> {
  const exchange = { resource_token: await resource.challenge(presented), presented_token: presented, ...more };
  return tokenIn(await ask(deployment, agent, '/auth-token', exchange), 'auth_token');
}

function tokenIn({ status, body }: Answer, member: 'person_token' | 'auth_token'): string {
  if (status === 200 && typeof body[member] === 'string') return body[member];
  throw new Error(`There is no ${member} in ${status} ${JSON.stringify(body)}`);
}

export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  return decodeTokenForDisplay(token)?.claims ?? {};
}

export function jtiOf(token: string): string {
  return String(claimsOf(token).jti);
}
