import { setTimeout as wait } from 'node:timers/promises';
import { Agent as Dispatcher, request } from 'undici';
import type { Agent } from './parties.ts';
import { portalToken, type World } from './world.ts';

const perAgent = 20;
const heldSeconds = 12;
const rounds = 6;

/** Polls for requests that wait for the person, all held at once: what that costs while nothing happens, and how soon a decision is told. */
export async function holdPolls(world: World, agents: readonly Agent[]): Promise<string[][]> {
  const { parties, child, databaseCpuMs, residentMiB } = world;
  const pending: { agent: Agent; path: string }[] = [];
  for (const agent of agents) {
    for (let turn = 0; turn < perAgent; turn += 1) {
      pending.push({ agent, path: await openRequest(world, agent, `${turn}`) });
    }
  }
  const dispatcher = new Dispatcher({ connections: pending.length, headersTimeout: 60_000 });
  const rows: string[][] = [];
  const before = await residentMiB();
  for (let round = 1; round <= rounds; round += 1) {
    const polls = await Promise.all(pending.map(({ agent, path }) => parties.poll(agent, path, heldSeconds)));
    const sent = [child.cpuMs(), databaseCpuMs()] as const;
    const answers = polls.map(async ({ path, ...poll }) => {
      const { statusCode, body } = await request(`${world.origin}${path}`, { ...poll, dispatcher });
      await body.dump();
      return { statusCode, at: performance.now() };
    });
    await wait(heldSeconds * 400);
    const held = [child.cpuMs(), databaseCpuMs()] as const;
    await wait(heldSeconds * 300);
    const still = [child.cpuMs(), databaseCpuMs()] as const;
    const memory = await residentMiB();
    const decided = performance.now();
    if (round === rounds) await decide(world, pending.at(-1)?.path ?? '');
    const ended = await Promise.all(answers);
    const statuses = new Set(ended.slice(0, -1).map(({ statusCode }) => statusCode));
    const told = round === rounds ? `${((ended.at(-1)?.at ?? Number.NaN) - decided).toFixed(0)} ms` : '–';
    rows.push([
      `${round}`,
      `${pending.length}, answered ${[...statuses].join(', ')}`,
      `${((held[0] - sent[0]) / pending.length).toFixed(2)} + ${((held[1] - sent[1]) / pending.length).toFixed(2)}`,
      `${still[0] - held[0]} + ${still[1] - held[1]}`,
      `${memory.toFixed(0)} (${before.toFixed(0)} before)`,
      told,
    ]);
  }
  await dispatcher.close();
  return rows;
}

async function openRequest({ origin, parties }: World, agent: Agent, word: string): Promise<string> {
  const asking = { prompt: 'consent', capabilities: ['interaction'] };
  const { path, ...asked } = await parties.forPersonToken(agent, word, asking);
  const { statusCode, headers, body } = await request(`${origin}${path}`, asked);
  const text = await body.text();
  if (statusCode === 202 && typeof headers.location === 'string') return headers.location;
  throw new Error(`A request of ${agent.id} was answered ${statusCode}: ${text}`);
}

async function decide({ origin, parties }: World, path: string): Promise<void> {
  const { statusCode, body } = await request(`${origin}/consent/${path.slice('/pending/'.length)}/decision`, {
    method: 'POST',
    headers: {
      host: new URL(parties.personServer).host,
      authorization: `Bearer ${portalToken}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ approved: true }),
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`The decision was answered ${statusCode}: ${text}`);
}
