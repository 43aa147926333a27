import { decodeTokenForDisplay } from '@aauth-stack/aauth/tokens';
import { isNull } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { lookInto } from '../../test/database.ts';
import {
  createWorld,
  enrolledAgent,
  operatorToken,
  type Replica,
  refresh,
  shareWorld,
  type World,
} from '../../test/world.ts';
import { signingKeys } from '../db/schema.ts';
import { newKeyId } from './key-id.ts';

const sharedWorld = shareWorld();

async function publishedKids(world: World): Promise<string[]> {
  const response = await fetch(`${world.replica.server.url}/.well-known/jwks.json`);
  const schema = z.object({ keys: z.array(z.object({ kid: z.string() })) });
  return schema.parse(await response.json()).keys.map(({ kid }) => kid);
}

function rotate(replica: Replica, token = operatorToken): Promise<Response> {
  const headers = { authorization: `Bearer ${token}` };
  return fetch(`${replica.server.url}/operator/keys/rotate`, { method: 'POST', headers });
}

async function kidOfNextToken(world: World, replica?: Replica): Promise<string> {
  const agent = await enrolledAgent(world);
  world.clock.advance(1);
  const response = await refresh(world, agent, replica);
  const { agent_token: token } = z.object({ agent_token: z.string() }).parse(await response.json());
  return z.object({ kid: z.string() }).parse(decodeTokenForDisplay(token)?.header).kid;
}

test('a kid names the month and is otherwise random', () => {
  const october = Date.UTC(2026, 9, 31, 23, 59, 59) / 1000;
  expect(newKeyId(october)).toMatch(/^ap-202610-[0-9a-f]{8}$/);
  expect(newKeyId(october + 1)).toMatch(/^ap-202611-[0-9a-f]{8}$/);
  expect(newKeyId(october)).not.toBe(newKeyId(october));
});

test('the JWKS has the public key alone and may be cached for a while', async () => {
  const world = sharedWorld();
  const response = await fetch(`${world.replica.server.url}/.well-known/jwks.json`);
  expect(response.headers.get('cache-control')).toBe('public, max-age=300');
  const { keys } = z.object({ keys: z.array(z.record(z.string(), z.unknown())) }).parse(await response.json());
  for (const key of keys) {
    expect(Object.keys(key).sort()).toEqual(expect.arrayContaining(['alg', 'crv', 'kid', 'kty', 'x']));
    expect(key).not.toHaveProperty('d');
  }
});

test('replicas that start at once on an empty database make one key', async () => {
  const world = await createWorld();
  const db = await lookInto(world.databaseUrl);
  const replicas = await Promise.all([world.addReplica(), world.addReplica()]);
  await db.delete(signingKeys);
  await Promise.all(replicas.map((replica) => replica.restart()));
  expect(await db.select().from(signingKeys)).toHaveLength(1);
});

test('the key survives a restart', async () => {
  const world = sharedWorld();
  const before = await publishedKids(world);
  await world.replica.restart();
  expect(await publishedKids(world)).toEqual(before);
});

test('rotation: every replica signs with the new key at once; the old one stays until its last token has expired', async () => {
  const world = await createWorld();
  const other = await world.addReplica();
  const old = await kidOfNextToken(world, other);
  const issuedUntil = world.clock.now() + 3600;

  const response = await rotate(world.replica);
  expect(response.status).toBe(200);
  const { kid, retired } = z.object({ kid: z.string(), retired: z.string() }).parse(await response.json());
  expect(retired).toBe(old);
  expect(await kidOfNextToken(world, other)).toBe(kid);
  expect(await kidOfNextToken(world)).toBe(kid);
  expect(await publishedKids(world)).toEqual([kid, old]);
  const db = await lookInto(world.databaseUrl);
  const withoutPrivateHalf = await db
    .select({ kid: signingKeys.kid })
    .from(signingKeys)
    .where(isNull(signingKeys.privateJwk));
  expect(withoutPrivateHalf).toEqual([{ kid: old }]);

  world.clock.advance(issuedUntil - 1 - world.clock.now());
  await world.replica.restart();
  await world.replica.provider().maintain();
  expect(await publishedKids(world)).toEqual([kid, old]);
  world.clock.advance(1);
  expect(await publishedKids(world)).toEqual([kid]);
  await world.replica.provider().maintain();
  expect(await db.select({ kid: signingKeys.kid }).from(signingKeys)).toEqual([{ kid }]);
});

test('rotations at two replicas at once follow each other and leave one active key', async () => {
  const world = sharedWorld();
  const other = await world.addReplica();
  const before = await publishedKids(world);
  const responses = await Promise.all([rotate(world.replica), rotate(other), rotate(world.replica), rotate(other)]);
  expect(responses.map((response) => response.status)).toEqual([200, 200, 200, 200]);
  const db = await lookInto(world.databaseUrl);
  expect(await db.select().from(signingKeys).where(isNull(signingKeys.retiredAt))).toHaveLength(1);
  expect(await publishedKids(world)).toHaveLength(before.length + 4);
});

test.each([
  ['another token', `Bearer ${operatorToken}x`],
  ['no token', undefined],
  ['another scheme', `Basic ${operatorToken}`],
])('the operator API with %s is 401, and nothing is rotated', async (_, authorization) => {
  const world = sharedWorld();
  const before = await publishedKids(world);
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  const response = await fetch(`${world.replica.server.url}/operator/keys/rotate`, { method: 'POST', headers });
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
  expect(await publishedKids(world)).toEqual(before);
});

test('without an operator token in the configuration nobody is the operator', async () => {
  const world = await createWorld({ operatorToken: undefined });
  const response = await rotate(world.replica, 'undefined');
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({ detail: expect.stringContaining('AAUTH_OPERATOR_TOKEN') });
});
