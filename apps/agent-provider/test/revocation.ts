import { decodeTokenForDisplay } from '@aauth-stack/aauth/tokens';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { TestResource, TestRevocationEndpoint } from './recipient.ts';
import { asPersonServer, type EnrolledAgent, type Replica, refresh, type World } from './world.ts';

/** A token, as a revocation names it. */
export function namesOf(token: string) {
  return z.object({ jti: z.string(), exp: z.number() }).parse(decodeTokenForDisplay(token)?.claims);
}

/** The next token of an agent, as a revocation names it. */
export async function refreshed(world: World, agent: EnrolledAgent) {
  world.clock.advance(1);
  const response = await refresh(world, agent);
  return namesOf(z.object({ agent_token: z.string() }).parse(await response.json()).agent_token);
}

/** One of the world's resources. */
export function resourceOf(world: World, index = 0): TestResource {
  const resource = world.resources[index];
  if (!resource) throw new Error(`this world has ${world.resources.length} resources`);
  return resource;
}

/** Makes an endpoint answer otherwise until the test ends. */
export function answering(endpoint: TestRevocationEndpoint, answer: TestRevocationEndpoint['answer']): void {
  endpoint.answer = answer;
  onTestFinished(() => {
    endpoint.answer = undefined;
  });
}

/** How often an endpoint took the revocation of a token. */
export function timesTaken(endpoint: TestRevocationEndpoint, token: string | { jti: string }): number {
  const { jti } = typeof token === 'string' ? namesOf(token) : token;
  return endpoint.revoked.filter((received) => received.jti === jti).length;
}

const bindings = z.array(
  z.object({
    agent_id: z.string(),
    revocations: z.array(z.object({ recipient: z.string(), state: z.string(), error: z.string().nullable() })),
  }),
);

/** What the Person Server reads of an agent's revocations, by recipient. */
export async function statesOf(world: World, { agentId }: EnrolledAgent) {
  const listed = bindings.parse(await (await asPersonServer(world, 'GET', 'bindings')).json());
  const found = listed.find(({ agent_id }) => agent_id === agentId)?.revocations ?? [];
  return Object.fromEntries(found.map(({ recipient, state, error }) => [recipient, { state, error }]));
}

/** Lets the time until a retry pass, and makes it. */
export async function retry(world: World, seconds = 1, replica: Replica = world.replica): Promise<void> {
  world.clock.advance(seconds);
  await replica.provider().deliverRevocations();
}
