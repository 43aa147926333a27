import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { askForAuthToken, decide, poll, waiting } from '../test/consent.ts';
import { type Deployment, startDeployment } from '../test/deployment.ts';
import { fillDatabase } from '../test/many-records.ts';
import { type ResourcePeer, startResourcePeer } from '../test/resource-peer.ts';
import { approvedAgent, authToken, jtiOf, personToken, type TestAgent } from '../test/test-agent.ts';
import { activity, issuedTokens, pendingRequests, revocationNotices } from './db/schema.ts';

const records = 20_000;

let deployment: Deployment;
let resource: ResourcePeer;
let agent: TestAgent;

beforeAll(async () => {
  deployment = await startDeployment({ environment: { AAUTH_CONSENT_POLICY: 'standing' } });
  resource = await startResourcePeer(deployment.clock);
  agent = await approvedAgent(deployment);
  await personToken(deployment, agent, resource);
  await fillDatabase(deployment.db, records, deployment.clock.now());
});
afterAll(async () => {
  await resource?.stop();
  await deployment?.stop();
});

/** Every statement that the server prepares while something is done. */
async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const before = deployment.log.lines().length;
  await work();
  const lines = deployment.log.lines().slice(before);
  return [...new Set(lines.flatMap(({ query }) => (typeof query === 'string' ? [query] : [])))];
}

/** Which tables PostgreSQL would read from one end to the other for a statement, whatever the values in it. */
async function readWhole(statement: string): Promise<string[]> {
  if (!/^\s*(select|insert|update|delete|with)\b/i.test(statement)) return [];
  const [row] = await deployment.db.execute<{ 'QUERY PLAN': unknown }>(
    sql.raw(`explain (generic_plan, format json) ${statement}`),
  );
  const plan = JSON.stringify(row?.['QUERY PLAN']);
  return [...plan.matchAll(/"Node Type":"Seq Scan"[^{}]*?"Relation Name":"(\w+)"/g)].map(([, table]) => String(table));
}

/** What grows with every token and request; consents grow with what a person decides by hand. */
const grows = ['issued_tokens', 'accepted_agent_tokens', 'activity', 'pending_requests', 'revoked_tokens'];

async function wholeTablesRead(work: () => Promise<unknown>): Promise<string[]> {
  const found: string[] = [];
  const statements = await statementsOf(work);
  expect(statements.length).toBeGreaterThan(5);
  for (const statement of statements) {
    const tables = (await readWhole(statement)).filter((table) => grows.includes(table));
    if (tables.length > 0) found.push(`${tables.join(', ')}: ${statement}`);
  }
  return found;
}

const list = async (path: string) => expect((await deployment.asPerson(path)).status).toBe(200);

describe('with many records, none of those tables is read from one end to the other', () => {
  beforeEach(async ({ skip }) => {
    const [row] = await deployment.db.execute<{ server_version_num: string }>(sql`show server_version_num`);
    skip(Number(row?.server_version_num) < 160_000, 'PostgreSQL explains no statement without its values before 16');
  });

  test('by a statement of which this is known, as a check of the check', async () => {
    expect(await readWhole('select count(*) from activity where detail = $1')).toEqual(['activity']);
    expect(await readWhole('select * from activity where at < $1')).toEqual([]);
  });

  test('for a token, with and without the person', async () => {
    const whole = await wholeTablesRead(async () => {
      const shown = await personToken(deployment, agent, resource);
      await authToken(deployment, agent, resource, shown);
      const pending = waiting(await askForAuthToken(deployment, agent, resource));
      expect((await poll(deployment, agent, pending)).status).toBe(202);
      await list('/person/requests');
      await list(`/consent/${pending.id}`);
      await decide(deployment, pending, { approved: true });
      expect((await poll(deployment, agent, pending)).status).toBe(200);
    });
    expect(whole).toEqual([]);
  });

  test('to take tokens back, and to tell the resources', async () => {
    const shown = await personToken(deployment, agent, resource);
    const revoke = (jti: string) => deployment.asPerson(`/person/issued-tokens/${jti}/revoke`, { method: 'POST' });
    const whole = await wholeTablesRead(async () => {
      expect((await revoke(jtiOf(shown))).status).toBe(200);
      expect((await deployment.request('/revoke', { method: 'POST' })).status).toBe(401);
    });
    expect(whole).toEqual([]);
  });

  test('for keys, lists page by page, and to forget what has ended', async () => {
    const whole = await wholeTablesRead(async () => {
      await list('/.well-known/jwks.json');
      await list('/person/issued-tokens');
      await list('/person/activity');
      for (const replica of deployment.replicas()) await replica.maintain();
    });
    expect(whole).toEqual([]);
  });
});

test('an agent loses at once all of its tokens, more of them than one statement has room for', async () => {
  const many = 17_000;
  const waitingBefore = waiting(await askForAuthToken(deployment, agent, resource));
  await fillDatabase(deployment.db, many, deployment.clock.now(), { agentId: agent.id, prefix: 'own' });
  const revoked = await deployment.asPerson(`/person/bindings/${agent.id}/revoke`, { method: 'POST' });
  expect(revoked.status).toBe(200);
  const ofAgent = sql`${issuedTokens.agentId} = ${agent.id}`;
  expect(await deployment.db.$count(issuedTokens, sql`${ofAgent} and ${issuedTokens.revokedAt} is null`)).toBe(0);
  expect(await deployment.db.$count(revocationNotices)).toBeGreaterThan(many);
  expect((await poll(deployment, agent, waitingBefore)).body.error).toBe('revoked');
});

test('what has ended is forgotten, in steps, and nothing else', async () => {
  const { db, clock } = deployment;
  const before = await db.$count(activity);
  clock.advance(3_600 + 601);
  for (const replica of deployment.replicas()) await replica.maintain();
  expect(await db.$count(issuedTokens)).toBe(0);
  expect(await db.$count(revocationNotices)).toBe(0);
  expect(await db.$count(activity)).toBe(before);
  clock.advance(31 * 86_400);
  for (const replica of deployment.replicas()) await replica.maintain();
  expect([await db.$count(activity), await db.$count(pendingRequests)]).toEqual([0, 0]);
});
