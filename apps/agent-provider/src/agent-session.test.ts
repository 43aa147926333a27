import { type AgentSession, createAgentSession } from '@aauth-stack/aauth/agent';
import { createHttpFetch, nodeKeys } from '@aauth-stack/aauth/node';
import { decodeTokenForDisplay } from '@aauth-stack/aauth/tokens';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { newKey } from '../test/agent.ts';
import { asPersonServer, shareWorld, type World } from '../test/world.ts';

const sharedWorld = shareWorld();
const waitLong = { interval: 10 };
// Slow enough for a signature to be still new when it arrives, however busy the machine.
const passTime = { interval: 200 };

/** The library's own agent, as the demo's agents use it. */
async function startSession(world: World, agentName: string, stableKey = newKey()): Promise<AgentSession> {
  const fetch = createHttpFetch();
  const session = createAgentSession({
    provider: world.issuer,
    agentName,
    personServer: world.personServer.identifier,
    stableKey: await stableKey,
    fetch,
    keys: nodeKeys,
    now: world.clock.now,
    sleep: world.clock.sleep,
    log: world.log.log,
  });
  onTestFinished(async () => {
    session.stop();
    await fetch.close();
  });
  session.ready.catch(() => {});
  session.start();
  return session;
}

async function pendingId(world: World, agentName: string): Promise<string> {
  const list = z.array(z.object({ id: z.string(), agent_name: z.string() }));
  const find = async () => {
    const listed = list.parse(await (await asPersonServer(world, 'GET', 'registrations')).json());
    return listed.find((entry) => entry.agent_name === agentName)?.id;
  };
  await expect.poll(find, waitLong).toBeDefined();
  return (await find()) ?? '';
}

test('a real agent enrols, renews with five minutes left under another key, and is told when it is revoked', async () => {
  const world = sharedWorld();
  const session = await startSession(world, 'Session Agent');
  await expect.poll(() => session.status().state, waitLong).toBe('pending');
  const id = await pendingId(world, 'Session Agent');
  // Its first poll comes after Retry-After and is then held until the decision.
  await expect
    .poll(() => {
      world.clock.advance(1);
      return JSON.stringify(world.log.lines());
    }, passTime)
    .toContain(`poll of /register/pending/${id} is held`);
  await asPersonServer(world, 'POST', `registrations/${id}/approve`, { person_id: 'person-1' });
  await session.ready;
  const first = await session.credentials();
  expect(session.status()).toMatchObject({ state: 'enrolled', agent: first.agent });

  world.clock.advance(first.expiresAt - world.clock.now() - 299);
  const second = await session.credentials();
  expect(second.agent).toBe(first.agent);
  expect(second.key.thumbprint).not.toBe(first.key.thumbprint);
  expect(decodeTokenForDisplay(second.token)?.claims).toMatchObject({ ps: world.personServer.identifier });

  await asPersonServer(world, 'POST', `bindings/${encodeURIComponent(first.agent)}/revoke`);
  world.clock.advance(second.expiresAt - world.clock.now() + 1);
  await expect(session.credentials()).rejects.toMatchObject({ code: 'revoked' });
});

test('an agent that restarts with its stable key is the same agent at once', async () => {
  const world = sharedWorld();
  const stableKey = newKey();
  const before = await startSession(world, 'Restarted', stableKey);
  const id = await pendingId(world, 'Restarted');
  await asPersonServer(world, 'POST', `registrations/${id}/approve`, { person_id: 'person-1' });
  await expect
    .poll(() => {
      world.clock.advance(1);
      return before.status().state;
    }, passTime)
    .toBe('enrolled');
  before.stop();
  await world.replica.restart();
  const after = await startSession(world, 'Restarted under a new name', stableKey);
  await after.ready;
  expect(after.status().agent).toBe(before.status().agent);
});
