import { sql } from 'drizzle-orm';
import { agentProviders, agents as agentTable, people } from '../../../apps/person-server/src/db/schema.ts';
import { fillDatabase } from '../../../apps/person-server/test/many-records.ts';
import { formatNumber, formatTable } from '../table.ts';
import { cells, exchange } from './exchanges.ts';
import { holdPolls } from './held-polls.ts';
import { addTokens, timePages } from './many-tokens.ts';
import type { Agent } from './parties.ts';
import { startWorld, type World } from './world.ts';

/** Tokens of the second part; `BENCH_TOKENS` for fewer. */
const manyTokens = Number(process.env.BENCH_TOKENS ?? 1_000_000);
const expiredTokens = manyTokens / 5;
const agentCount = 50;

await using world = await open();
const agents = await enrolAgents(world);

print(
  'Token exchanges',
  ['', 'per CPU second', 'server ms', 'PostgreSQL ms', 'p50 ms', 'p99 ms'],
  [...(await exchanges('empty', 1, 400)), ...(await exchanges('empty', 32, 1_600))],
);
print(
  'Held polls',
  ['round', 'polls', 'CPU ms each, to hold', 'CPU ms of all in 3.6 s of waiting', 'MiB', 'told after the decision'],
  await holdPolls(world, agents),
);
const mebibytes = await addTokens(world, manyTokens);
const name = `${formatNumber(manyTokens)} tokens`;
print(
  `With ${name} (${formatNumber(mebibytes)} MiB)`,
  ['', 'per CPU second', 'server ms', 'PostgreSQL ms', 'p50 ms', 'p99 ms'],
  [...(await exchanges(name, 1, 400)), ...(await exchanges(name, 32, 1_600))],
);
print('Pages of the portal', ['page', 'ms'], await timePages(world));
await retention();

async function open(): Promise<World & AsyncDisposable> {
  const opened = await startWorld();
  return { ...opened, [Symbol.asyncDispose]: opened.close };
}

/** As if the person had approved them. */
async function enrolAgents({ db, parties }: World): Promise<Agent[]> {
  const [person] = await db.select().from(people);
  if (!person) throw new Error('The Person Server has no person.');
  await db.insert(agentProviders).values({ issuer: parties.agentProvider, addedAt: new Date() }).onConflictDoNothing();
  const made: Agent[] = [];
  for (let number = 1; number <= agentCount; number += 1) {
    const agent = await parties.makeAgent(`agent-${number}`);
    const owned = { agentProvider: parties.agentProvider, agentId: agent.id, name: `Agent ${number}` };
    await db.insert(agentTable).values({ ...owned, personId: person.id, approvedAt: new Date() });
    made.push(agent);
  }
  return made;
}

async function exchanges(state: string, connections: number, total: number): Promise<string[][]> {
  // The first round warms up.
  await exchange(world, agents, total / 2, connections);
  const { person, auth } = await exchange(world, agents, total, connections);
  const of = `${connections} connection${connections === 1 ? '' : 's'}, ${state}`;
  return [
    [`person tokens, ${of}`, ...cells(person)],
    [`auth tokens, ${of}`, ...cells(auth)],
  ];
}

/** What has expired is deleted every 30 seconds, while the server goes on with its work. */
async function retention(): Promise<void> {
  const { db, child, databaseCpuMs } = world;
  await fillDatabase(db, expiredTokens, Date.now() / 1000 - 86_400, { prefix: 'expired' });
  const expired = async () => {
    const [row] = await db.execute<{ left: number }>(
      sql`select count(*)::int as left from issued_tokens where expires_at < now() - interval '12 hours'`,
    );
    return row?.left ?? 0;
  };
  const [server, database, started] = [child.cpuMs(), databaseCpuMs(), performance.now()];
  const durations: number[] = [];
  while ((await expired()) > 0) {
    const { person, auth } = await exchange(world, agents, 32, 4);
    durations.push(...person.durations, ...auth.durations);
  }
  const seconds = (performance.now() - started) / 1000;
  const used = [child.cpuMs() - server, databaseCpuMs() - database] as const;
  const sorted = durations.toSorted((a, b) => a - b);
  print(
    'Retention',
    ['expired tokens', 'gone after s', 'CPU s, server + PostgreSQL', 'exchanges meanwhile', 'p50 ms', 'p99 ms'],
    [
      [
        formatNumber(expiredTokens),
        seconds.toFixed(0),
        `${(used[0] / 1000).toFixed(1)} + ${(used[1] / 1000).toFixed(1)}`,
        `${durations.length}`,
        (sorted[Math.floor(sorted.length * 0.5)] ?? Number.NaN).toFixed(1),
        (sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN).toFixed(1),
      ],
    ],
  );
}

function print(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  process.stdout.write(`${title}\n\n${formatTable(head, rows)}\n\n`);
}
