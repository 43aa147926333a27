import { Pool } from 'undici';
import { formatNumber } from '../table.ts';
import type { Agent, SignedRequest } from './parties.ts';
import type { World } from './world.ts';

/** What one round of requests took. */
export interface Round {
  readonly requests: number;
  readonly serverCpuMs: number;
  readonly databaseCpuMs: number;
  /** How long each one took, in milliseconds, the quickest first. */
  readonly durations: readonly number[];
}

/** Sends requests, each signed just before, on a number of connections, and gives their answers. */
async function send(
  { origin, child, databaseCpuMs }: World,
  requests: readonly (() => Promise<SignedRequest>)[],
  connections: number,
): Promise<Round & { readonly answers: readonly Record<string, unknown>[] }> {
  const pool = new Pool(origin, { connections });
  const [server, database] = [child.cpuMs(), databaseCpuMs()];
  const durations: number[] = [];
  const answers: Record<string, unknown>[] = [];
  const left = requests.entries();
  const connection = async () => {
    for (const [index, sign] of left) {
      const request = await sign();
      const sent = performance.now();
      const { statusCode, body } = await pool.request(request);
      const answer = Object(await body.json());
      if (statusCode !== 200) throw new Error(`${request.path} answered ${statusCode}: ${JSON.stringify(answer)}`);
      durations.push(performance.now() - sent);
      answers[index] = answer;
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  const round = { serverCpuMs: child.cpuMs() - server, databaseCpuMs: databaseCpuMs() - database };
  await pool.close();
  return { ...round, requests: requests.length, durations: durations.toSorted((a, b) => a - b), answers };
}

/** One request for a person token for each, and one for an auth token for what came of it. */
export async function exchange(
  world: World,
  agents: readonly Agent[],
  total: number,
  connections: number,
): Promise<{ person: Round; auth: Round }> {
  const { parties } = world;
  const turns = Array.from({ length: total }, (_, turn) => agents[turn % agents.length]).filter(
    (agent) => agent !== undefined,
  );
  const asked = turns.map((agent) => () => parties.forPersonToken(agent, crypto.randomUUID()));
  const person = await send(world, asked, connections);
  const tokens = person.answers.map(({ person_token }) => String(person_token));
  const exchanged = turns.map((agent, turn) => () => parties.forAuthToken(agent, tokens[turn] ?? ''));
  return { person, auth: await send(world, exchanged, connections) };
}

export function cells({ requests, serverCpuMs, databaseCpuMs, durations }: Round): string[] {
  const at = (share: number) => (durations[Math.floor(durations.length * share)] ?? Number.NaN).toFixed(1);
  return [
    formatNumber((requests / serverCpuMs) * 1000),
    (serverCpuMs / requests).toFixed(2),
    (databaseCpuMs / requests).toFixed(2),
    at(0.5),
    at(0.99),
  ];
}
