import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { type ResourcePeer, startResourcePeer } from '../../test/resource-peer.ts';
import { agentTokenOf, approvedAgent, authToken, jtiOf, personToken, type TestAgent } from '../../test/test-agent.ts';
import { signingKeys } from '../db/schema.ts';

const operatorToken = 'an-operator-token-for-tests';
const environment = { AAUTH_CONSENT_POLICY: 'standing', AAUTH_OPERATOR_TOKEN: operatorToken };

let deployment: Deployment;
let resource: ResourcePeer;
let agent: TestAgent;

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 2, environment });
  resource = await startResourcePeer(deployment.clock);
  agent = await approvedAgent(deployment);
});
afterAll(async () => {
  await resource?.stop();
  await deployment?.stop();
});

const rotate = (authorization = `Bearer ${operatorToken}`, host = '127.0.0.1') =>
  deployment.fetch(`http://${host}:${deployment.port}/operator/keys/rotate`, {
    method: 'POST',
    headers: { authorization },
  });
async function published(): Promise<string[]> {
  const { keys } = Object(await (await deployment.request('/.well-known/jwks.json')).json());
  return keys.map(({ kid }: { kid: string }) => kid);
}
const kidOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;

describe('a new signing key', () => {
  test('signs from then on, at every replica; the old one is published until its last token has expired', async () => {
    const before = await personToken(deployment, agent, resource);
    const response = await rotate();
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const { kid, retired } = Object(await response.json());
    expect(retired).toBe(kidOf(before));
    expect(await published()).toEqual([kid, retired]);

    for (const replica of [0, 1]) {
      deployment.useReplica(replica);
      expect(kidOf(await personToken(deployment, agent, resource))).toBe(kid);
      const exchanged = await authToken(deployment, agent, resource, before);
      expect(kidOf(exchanged)).toBe(kid);
    }
    const rows = await deployment.db.select().from(signingKeys);
    expect(rows.find((row) => row.kid === retired)).toMatchObject({ state: 'retired', privateJwk: null });

    deployment.clock.advance(3500);
    await deployment.replicas()[0]?.maintain();
    expect(await published()).toEqual([kid, retired]);
    deployment.clock.advance(101);
    expect(await published()).toEqual([kid]);
    await deployment.replicas()[0]?.maintain();
    expect((await deployment.db.select().from(signingKeys)).map((row) => row.kid)).toEqual([kid]);
  });

  test('signs requests to resources and to the Agent Provider too, without a restart', async () => {
    agent = await agentTokenOf(deployment, agent.id, agent.key);
    const token = await personToken(deployment, agent, resource);
    expect((await rotate()).status).toBe(200);
    const path = `/person/issued-tokens/${jtiOf(token)}/revoke`;
    // The resource has the old key set in its cache, asks for another one, and finds the new key there.
    expect((await deployment.asPerson(path, { method: 'POST' })).status).toBe(200);
    expect(resource.revoked.map(({ jti }) => jti)).toContain(jtiOf(token));
    expect((await deployment.asPerson('/person/bindings')).status).toBe(200);
  });

  test('stays published for a while although it has signed no token', async () => {
    const { kid: unused } = Object(await (await rotate()).json());
    const { kid } = Object(await (await rotate()).json());
    expect(await published()).toEqual(expect.arrayContaining([kid, unused]));
    deployment.clock.advance(301);
    expect(await published()).not.toContain(unused);
  });

  test('is one even when many are made at once, while tokens are issued', async () => {
    agent = await agentTokenOf(deployment, agent.id, agent.key);
    const [tokens, responses] = await Promise.all([
      Promise.all(Array.from({ length: 10 }, () => personToken(deployment, agent, resource))),
      Promise.all(Array.from({ length: 4 }, () => rotate())),
    ]);
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const active = (await deployment.db.select().from(signingKeys)).filter(({ state }) => state === 'active');
    expect(active).toHaveLength(1);
    const keys = await published();
    for (const token of tokens) expect(keys).toContain(kidOf(token));
  });
});

test('a token that is asked for in the middle of a rotation is issued, with the new key', async () => {
  agent = await agentTokenOf(deployment, agent.id, agent.key);
  const blocked = sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  const waiting = async () => (await deployment.db.execute(blocked)).length;
  let rotation: Promise<Response> | undefined;
  let token: Promise<string> | undefined;
  await deployment.db.transaction(async (tx) => {
    // Keeps the rotation from retiring the key.
    await tx.select().from(signingKeys).where(eq(signingKeys.state, 'active')).for('share');
    rotation = rotate();
    await expect.poll(waiting).toBe(1);
    token = personToken(deployment, agent, resource);
    await expect.poll(waiting).toBe(2);
  });
  const { kid } = Object(await (await rotation)?.json());
  expect(kidOf((await token) ?? '')).toBe(kid);
});

describe('nobody rotates the key', () => {
  const activeKid = async () => (await published())[0];

  test('without the operator token, with a wrong one or with the person’s', async () => {
    const kid = await activeKid();
    for (const authorization of ['', 'Bearer wrong', 'Bearer mytoken', operatorToken]) {
      const response = await rotate(authorization);
      expect([response.status, response.headers.get('www-authenticate')?.startsWith('Bearer')]).toEqual([401, true]);
    }
    expect(await activeKid()).toBe(kid);
  });

  test('where no operator token is configured', async () => {
    const kid = await activeKid();
    await deployment.restart({});
    const response = await rotate();
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({
      error: 'denied',
      detail: expect.stringContaining('AAUTH_OPERATOR_TOKEN'),
    });
    await deployment.restart();
    expect(await activeKid()).toBe(kid);
  });
});

test('the command rotates through the running service, and says why when it cannot', async () => {
  const run = async (settings: Record<string, string>) => {
    const file = fileURLToPath(new URL('./rotate-command.ts', import.meta.url));
    const child = spawn(process.execPath, [file], { env: { PATH: process.env.PATH, ...settings } });
    const chunks: unknown[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
    const { promise, resolve } = Promise.withResolvers<number | null>();
    child.on('close', resolve);
    return { code: await promise, output: chunks.join('') };
  };
  const before = await published();
  const done = await run({ PORT: String(deployment.port), AAUTH_OPERATOR_TOKEN: operatorToken });
  expect(done).toMatchObject({ code: 0, output: expect.stringContaining('"kid"') });
  expect((await published())[0]).not.toBe(before[0]);
  expect(await run({ PORT: String(deployment.port) })).toMatchObject({
    code: 1,
    output: expect.stringContaining('AAUTH_OPERATOR_TOKEN is not set'),
  });
  expect(await run({ PORT: '1', AAUTH_OPERATOR_TOKEN: operatorToken })).toMatchObject({
    code: 1,
    output: expect.stringContaining('is the Person Server running?'),
  });
});
