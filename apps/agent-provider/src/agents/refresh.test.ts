import { createDiscovery } from '@aauth-stack/aauth/discovery';
import { createEgressFetch, nodeKeys } from '@aauth-stack/aauth/node';
import { createTokenVerifier, decodeTokenForDisplay } from '@aauth-stack/aauth/tokens';
import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { newAgent, newKey, type TestAgent } from '../../test/agent.ts';
import { lookInto } from '../../test/database.ts';
import {
  asPersonServer,
  createWorld,
  enrolledAgent,
  refresh,
  register,
  shareWorld,
  type World,
} from '../../test/world.ts';
import { issuedTokens } from '../db/schema.ts';

const sharedWorld = shareWorld();
const issued = z.object({ agent_token: z.string(), expires_in: z.number() });

async function refreshed(world: World, agent: TestAgent) {
  world.clock.advance(1);
  const response = await refresh(world, agent);
  expect(response.status).toBe(200);
  return issued.parse(await response.json());
}

test('a refresh gives a token that anybody can verify, for the key that signed the request', async () => {
  const world = sharedWorld();
  const { stableKey, agentId } = await enrolledAgent(world);
  const ephemeralKey = await newKey('ES256');
  const { agent_token: token, expires_in } = await refreshed(world, { stableKey, ephemeralKey });
  expect(expires_in).toBe(3600);

  const identifiers = { allowLoopback: true };
  const { now } = world.clock;
  const discovery = createDiscovery({ fetch: createEgressFetch(identifiers), identifiers, keys: nodeKeys, now });
  const verify = createTokenVerifier({ discovery, identifiers, keys: nodeKeys, now, accepts: ['aa-agent+jwt'] });
  expect(await verify(token)).toMatchObject({
    issuer: world.issuer,
    agent: agentId,
    personServer: world.personServer.identifier,
    key: { thumbprint: ephemeralKey.thumbprint },
    issuedAt: now(),
    expiresAt: now() + 3600,
  });
  expect(decodeTokenForDisplay(token)?.header).toMatchObject({
    typ: 'aa-agent+jwt',
    alg: 'Ed25519',
    kid: expect.stringMatching(/^ap-\d{6}-[0-9a-f]{8}$/),
  });
});

test('the identifier stays, with another ephemeral key and after a restart', async () => {
  const world = sharedWorld();
  const { stableKey, agentId } = await enrolledAgent(world);
  for (const restart of [false, true]) {
    if (restart) await world.replica.restart();
    const { agent_token: token } = await refreshed(world, { stableKey, ephemeralKey: await newKey() });
    expect(decodeTokenForDisplay(token)?.claims).toMatchObject({ sub: agentId });
  }
});

test('every token that was issued is on record until it has expired', async () => {
  const world = await createWorld();
  const agent = await enrolledAgent(world);
  const { agent_token: token } = await refreshed(world, agent);
  const { jti, exp } = z.object({ jti: z.string(), exp: z.number() }).parse(decodeTokenForDisplay(token)?.claims);
  const db = await lookInto(world.databaseUrl);
  const rows = () => db.select().from(issuedTokens).where(eq(issuedTokens.jti, jti));
  expect(await rows()).toMatchObject([
    {
      agentId: agent.agentId,
      jkt: agent.ephemeralKey.thumbprint,
      stableJkt: agent.stableKey.thumbprint,
      expiresAt: exp,
    },
  ]);
  world.clock.advance(3600);
  await world.replica.provider().maintain();
  expect(await rows()).toHaveLength(1);
  world.clock.advance(301);
  await world.replica.provider().maintain();
  expect(await rows()).toHaveLength(0);
});

test('a stable key that no agent has is refused with 403 and told what to do', async () => {
  const world = sharedWorld();
  const response = await refresh(world, await newAgent());
  expect(response.status).toBe(403);
  expect(response.headers.get('signature-error')).toBeNull();
  expect(await response.json()).toMatchObject({ error: 'denied', detail: expect.stringContaining('POST /register') });
});

test('a revoked agent is refused at once, at every replica, at refresh and at registration', async () => {
  const world = sharedWorld();
  const other = await world.addReplica();
  const agent = await enrolledAgent(world);
  await refreshed(world, agent);
  const revocation = await asPersonServer(world, 'POST', `bindings/${encodeURIComponent(agent.agentId)}/revoke`);
  expect(revocation.status).toBe(200);
  world.clock.advance(1);
  const responses = [await refresh(world, agent, other), await register(world, agent)];
  await world.replica.restart();
  world.clock.advance(1);
  responses.push(await refresh(world, agent));
  for (const response of responses) {
    expect(response.status).toBe(403);
    expect(response.headers.get('signature-error')).toBeNull();
    expect(await response.json()).toMatchObject({ error: 'revoked', detail: expect.stringContaining(agent.agentId) });
  }
  expect(world.log.lines()).toContainEqual(expect.objectContaining({ code: 'revoked', status: 403 }));
});

test('no token is issued after the revocation has been answered, however many refreshes are under way', async () => {
  const world = sharedWorld();
  const other = await world.addReplica();
  const agent = await enrolledAgent(world);
  world.clock.advance(1);
  const requests = await Promise.all(
    Array.from({ length: 8 }, () => world.sign(agent, { method: 'POST', path: '/refresh' })),
  );
  const underWay = requests.slice(0, 4).map((request, n) => world.send(request, n % 2 ? other : world.replica));
  await asPersonServer(world, 'POST', `bindings/${encodeURIComponent(agent.agentId)}/revoke`);
  const late = await Promise.all(
    requests.slice(4).map((request, n) => world.send(request, n % 2 ? other : world.replica)),
  );
  expect(late.map((response) => response.status)).toEqual([403, 403, 403, 403]);
  for (const response of await Promise.all(underWay)) expect([200, 403]).toContain(response.status);
});
