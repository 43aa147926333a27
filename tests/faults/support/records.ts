import { asPerson } from '../../support/person.ts';

/** What must outlive every fault: who the agents are, and which keys the servers publish. */
export interface Identities {
  agents: string[];
  keys: string[];
}

export async function identities(): Promise<Identities> {
  const bindings = await asPerson<{ agent_id: string }[]>('/person/bindings');
  const keys = await Promise.all(['http://localhost:8765', 'http://localhost:8766'].map(keysOf));
  return { agents: bindings.map(({ agent_id }) => agent_id).sort(), keys: keys.flat() };
}

/** The kids of the keys that a server publishes. */
export async function keysOf(server: string): Promise<string[]> {
  const answer = await fetch(`${server}/.well-known/jwks.json`);
  const { keys }: { keys: { kid: string }[] } = JSON.parse(await answer.text());
  return keys.map(({ kid }) => kid).sort();
}
