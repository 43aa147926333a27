import { sql } from 'drizzle-orm';
import { request } from 'undici';
import { fillDatabase } from '../../../apps/person-server/test/many-records.ts';
import { formatNumber } from '../table.ts';
import { portalToken, type World } from './world.ts';

/** Adds as many tokens as one server issues in a busy hour. Returns what the database takes on the disk, in MiB. */
export async function addTokens({ db, parties }: World, total: number): Promise<number> {
  for (let left = total; left > 0; left -= 100_000) {
    await fillDatabase(db, Math.min(left, 100_000), Date.now() / 1000, {
      provider: parties.agentProvider,
      prefix: `round-${left}`,
    });
  }
  await db.execute(sql`vacuum analyze`);
  const [row] = await db.execute<{ bytes: string }>(sql`select pg_database_size(current_database()) as bytes`);
  return Number(row?.bytes) / 1024 / 1024;
}

/** How long what a person looks at takes, in milliseconds: the median of five. */
export async function timePages(world: World): Promise<string[][]> {
  const pages = [
    ['the newest tokens', '/person/issued-tokens'],
    ['agents, with their valid tokens counted', '/person/bindings'],
    ['activity, newest page', '/person/activity'],
    ['activity, a word that many lines have', '/person/activity?q=read'],
    ['activity, a word that no line has', '/person/activity?q=nowhere'],
    ['requests that wait', '/person/requests'],
  ] as const;
  const rows: string[][] = [];
  for (const [name, path] of pages) {
    const times: number[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      const started = performance.now();
      await read(world, path);
      times.push(performance.now() - started);
    }
    rows.push([name, formatNumber(times.toSorted((a, b) => a - b)[2] ?? Number.NaN)]);
  }
  return rows;
}

async function read({ origin, parties }: World, path: string): Promise<void> {
  const headers = { host: new URL(parties.personServer).host, authorization: `Bearer ${portalToken}` };
  const { statusCode, body } = await request(`${origin}${path}`, { headers });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}: ${text}`);
}
